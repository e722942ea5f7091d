/** Bodies of those requests that the site has chosen: shortened, and secrets in them masked by their names. */
import { fits } from "../glob.ts";
import { toJson } from "../json.ts";
import type { View, Watched } from "./host.ts";
import { listOf } from "./list.ts";
import type { NetworkRequest } from "./network.ts";
import { cut, MASK, SECRET_NAME, scrubText } from "./text.ts";

const TOLD_MAX = 10_000;
/** Of a longer one nothing is told: half of a text cannot be read for its secrets. */
const READ_MAX = 100_000;
/** What never ends is given up. */
const READ_WITHIN_MS = 5_000;
const TOO_LONG = `[longer than ${READ_MAX} characters]`;
const READABLE = /json|text\/(?!event-stream)|xml|x-www-form-urlencoded/i;

export function bodiesOf(host: Watched) {
  const { view } = host;
  const { recordBodies } = host.options;
  const patterns = typeof recordBodies === "function" ? [] : listOf(recordBodies);

  function wants({ name }: NetworkRequest): boolean {
    if (typeof recordBodies === "function") return Boolean(recordBodies(name));
    // What begins with a slash is of any host.
    const path = name.replace(/^https?:\/\/[^/]+/, "");
    return patterns.some((pattern) => fits(pattern, pattern.startsWith("/") ? path : name));
  }

  function scrubbed(text: string): string {
    return text.length > READ_MAX ? TOO_LONG : cut(withoutSecrets(host, text), TOLD_MAX);
  }

  /** What is asked for or answered, read from a copy. */
  async function readInto(
    request: NetworkRequest,
    member: "requestBody" | "responseBody",
    message: Request | Response,
  ) {
    if (!message.body || message.bodyUsed || !READABLE.test(message.headers.get("Content-Type") ?? "")) return;
    const text = await read(message.clone().body as ReadableStream<Uint8Array>);
    if (text !== null) request[member] = scrubbed(text);
  }

  return {
    wants,

    /** @param asked where the body is not given by itself */
    ofRequest(request: NetworkRequest, body: unknown, asked: Request | undefined): Promise<void> | undefined {
      const size = sizeOf(view, body);
      if (size !== undefined) request.requestBodySize = size;
      if (!wants(request)) return undefined;
      if (asked) return readInto(request, "requestBody", asked);
      const text = textOf(view, body);
      if (text !== undefined) request.requestBody = scrubbed(text);
      return undefined;
    },

    /** Must be called before the page has the response, whose body can be copied once only. */
    ofResponse: (request: NetworkRequest, response: Response) => readInto(request, "responseBody", response),

    setResponse(request: NetworkRequest, text: string): void {
      request.responseBody = scrubbed(text);
    },
  };
}

/**
 * Reads a copy up to a bound: the page's own body goes on, whatever becomes of the copy.
 * @returns null for what has no end in time
 */
async function read(copy: ReadableStream<Uint8Array>): Promise<string | null> {
  const reader = copy.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    cancel();
  }, READ_WITHIN_MS);
  const decoder = new TextDecoder();
  let text = "";
  for (let done = false; !done && text.length <= READ_MAX; ) {
    const part = await reader.read();
    text += decoder.decode(part.value, { stream: !part.done });
    done = part.done;
  }
  clearTimeout(timer);
  cancel();
  return isLate ? null : text;
}

function textOf({ URLSearchParams, FormData, File }: View, body: unknown): string | undefined {
  if (typeof body === "string" || body instanceof URLSearchParams) return String(body);
  if (!(body instanceof FormData)) return undefined;
  return toJson(Object.fromEntries([...body].map(([name, value]) => [name, value instanceof File ? "[file]" : value])));
}

/** Bytes of what is sent, where that is known before. */
export function sizeOf({ URLSearchParams, Blob }: View, body: unknown): number | undefined {
  if (typeof body === "string" || body instanceof URLSearchParams) return utf8Length(String(body));
  if (body instanceof Blob) return body.size;
  return (body as Partial<ArrayBuffer> | null)?.byteLength;
}

/** Counted, since encoding a large text takes the page's thread tens of milliseconds. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Halves of a pair are two bytes each.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

function withoutSecrets(host: Watched, text: string): string {
  try {
    return toJson(JSON.parse(text, (name, value) => (SECRET_NAME.test(name) ? MASK : value)));
  } catch {
    return scrubText(host, text);
  }
}
