/**
 * GET of an address that a stranger has named. The connection goes to exactly the addresses that were looked at: a name
 * that resolves to another one a moment later is not asked again. Each redirect is a new address and looked at anew.
 * Nothing of ours goes with it: no cookies, no credentials, no referrer, no proxy of the environment.
 */
import { lookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { isLoopbackAddress, isPublicAddress } from "./public-address.ts";

export interface GetOptions {
  /** Asked of the address and of each that it redirects to. */
  isAllowed(url: URL): boolean;
  /** Loopback addresses may be asked, at any port: in development. */
  loopback: boolean;
  /** Of a name: all addresses. The system's resolver where absent. */
  resolve?(name: string): Promise<string[]>;
  /** Of the last answer, so that the host may say that nothing has changed. */
  etag?: string | null;
  lastModified?: string | null;
  /** Of the body, inflated. */
  bytesMax?: number;
  /** For all of it, redirects included. */
  timeoutMs?: number;
}

export type Got =
  | {
      status: "got";
      bytes: Buffer;
      /** As the host says; '' where it does not. */
      contentType: string;
      /** After redirects. */
      url: string;
      etag: string | null;
      lastModified: string | null;
    }
  | { status: "unchanged" }
  | {
      status: "missed";
      /** In one word. */
      why: string;
      /** Whether another try may have it. */
      passing: boolean;
    };

const ASSET_BYTES_MAX = 5 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const REDIRECTS_MAX = 3;
const HEADER_BYTES_MAX = 16 * 1024;

export async function guardedGet(address: string, options: GetOptions): Promise<Got> {
  const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  try {
    let url = new URL(address);
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
      const answer = await ask(url, options, signal);
      const location = answer.headers.location;
      const status = answer.statusCode ?? 0;
      if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
        return await read(answer, url, options);
      }
      answer.destroy();
      const next = URL.parse(location, url);
      if (!next) throw new Missed("redirect_malformed");
      url = next;
    }
    throw new Missed("redirects_too_many");
  } catch (error) {
    if (error instanceof Missed) return { status: "missed", why: error.why, passing: error.passing };
    if (signal.aborted) return { status: "missed", why: "timeout", passing: true };
    return { status: "missed", why: reasonOf(error), passing: true };
  }
}

class Missed extends Error {
  readonly why: string;
  readonly passing: boolean;
  constructor(why: string, passing = false) {
    super(why);
    this.why = why;
    this.passing = passing;
  }
}

async function ask(url: URL, options: GetOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const addresses = await checkedAddresses(url, options, signal);
  const connectTo: LookupFunction = (_, { all }, callback) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = found;
    if (all) callback(null, found);
    else if (first) callback(null, first.address, first.family);
  };
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(
      url,
      {
        agent: false,
        lookup: connectTo,
        signal,
        maxHeaderSize: HEADER_BYTES_MAX,
        headers: {
          accept: "text/css,image/*,font/*,*/*;q=0.1",
          "accept-encoding": "gzip, deflate, br",
          "user-agent": "rrHog (assets of recorded pages)",
          ...(options.etag && { "if-none-match": options.etag }),
          ...(options.lastModified && { "if-modified-since": options.lastModified }),
        },
      },
      resolve,
    )
      .on("error", reject)
      // Without a listener such an answer would end in nothing at all.
      .on("upgrade", (_, socket) => {
        socket.destroy();
        reject(new Missed("http_101"));
      })
      .end();
  });
}

/** @throws Missed where the address is not to be asked */
async function checkedAddresses(url: URL, options: GetOptions, signal: AbortSignal): Promise<string[]> {
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Missed("scheme_not_allowed");
  if (url.username !== "" || url.password !== "") throw new Missed("credentials_in_address");
  if (!options.isAllowed(url)) throw new Missed("host_not_allowed");
  // The URL parser has turned decimal, octal and hexadecimal forms into the usual one.
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(name) ? [name] : await within(signal, (options.resolve ?? systemResolver)(name));
  if (addresses.length === 0) throw new Missed("name_not_found", true);
  if (options.loopback && addresses.every(isLoopbackAddress)) return addresses;
  if (!addresses.every(isPublicAddress)) throw new Missed("address_not_public");
  // An empty port is the scheme's own; the other scheme's is no service but the web either.
  if (url.port !== "" && url.port !== "80" && url.port !== "443") throw new Missed("port_not_allowed");
  return addresses;
}

async function systemResolver(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** The resolver knows no signal. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  return Promise.race([work, late]);
}

const PASSING = new Set([408, 425, 429]);
const INFLATE = { gzip: createGunzip, "x-gzip": createGunzip, deflate: createInflate, br: createBrotliDecompress };

async function read(answer: IncomingMessage, url: URL, options: GetOptions): Promise<Got> {
  const { statusCode = 0, headers } = answer;
  if (statusCode === 304 && (options.etag || options.lastModified)) {
    answer.destroy();
    return { status: "unchanged" };
  }
  if (statusCode !== 200) {
    answer.destroy();
    throw new Missed(`http_${statusCode}`, statusCode >= 500 || PASSING.has(statusCode));
  }
  const bytes = await bodyOf(answer, headers["content-encoding"] ?? "", options.bytesMax ?? ASSET_BYTES_MAX);
  return {
    status: "got",
    bytes,
    contentType: headers["content-type"] ?? "",
    url: url.href,
    etag: headers.etag ?? null,
    lastModified: headers["last-modified"] ?? null,
  };
}

async function bodyOf(answer: IncomingMessage, encoding: string, bytesMax: number): Promise<Buffer> {
  const coding = encoding.trim().toLowerCase();
  let body: Readable = answer;
  if (coding !== "" && coding !== "identity") {
    const inflate = Object.hasOwn(INFLATE, coding) ? INFLATE[coding as keyof typeof INFLATE] : undefined;
    if (!inflate) {
      answer.destroy();
      throw new Missed("encoding_unknown");
    }
    // What fails on the way is thrown by the loop below.
    body = pipeline(answer, inflate(), () => {});
  }
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop destroys the stream, and with it the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    if (length > bytesMax) throw new Missed("too_large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "name_not_found";
  if (/CERT|SELF_SIGNED|TLS|SSL|ALTNAME/.test(code)) return "certificate_wrong";
  if (code.startsWith("Z_") || code.startsWith("ERR__") || code.startsWith("ERR_BROTLI")) return "body_damaged";
  return "unreachable";
}
