/** Answers of the API that this server passes on to the browser, byte for byte as they come. */
import type { Asked } from "./api.server.ts";
import { environmentContext } from "./environment.ts";

interface Forwarded {
  /** Parameters of the asked address that go on to the API. */
  query?: readonly string[] | "all";
  /** Parameters that are this server's own. */
  fixed?: Record<string, string>;
  /** Headers that go on to the API. */
  askedWith: readonly string[];
  /** Headers of its answer that go on to the browser. */
  answeredWith: readonly string[];
  /** Headers of the answer that are this server's own. */
  headers?: Record<string, string>;
}

/** @param path of the API, made by `apiPath` */
export async function forward(
  { request, context }: Asked,
  path: string,
  { query = [], fixed, askedWith, answeredWith, headers }: Forwarded,
): Promise<Response> {
  const { apiUrl } = context.get(environmentContext).settings;
  const url = new URL(`${apiUrl}${path}`);
  for (const [name, value] of new URL(request.url).searchParams) {
    if (query === "all" || query.includes(name)) url.searchParams.append(name, value);
  }
  for (const [name, value] of Object.entries(fixed ?? {})) url.searchParams.set(name, value);
  try {
    const answer = await fetch(url, {
      headers: pick(request.headers, askedWith),
      redirect: "manual",
      signal: request.signal,
    });
    const answered = pick(answer.headers, answeredWith);
    for (const [name, value] of Object.entries(headers ?? {})) answered.set(name, value);
    return new Response(answer.body, { status: answer.status, headers: answered });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return Response.json({ code: "api_unreachable", title: "The API does not answer" }, { status: 503 });
  }
}

/** A path of the API; what is put into it stands for itself: an id may hold slashes, dots and question marks. */
export function apiPath(parts: TemplateStringsArray, ...ids: string[]): string {
  return String.raw({ raw: parts }, ...ids.map(encodeURIComponent));
}

/** Only these headers; of a name that is there several times, each. */
export function pick(headers: Headers, names: readonly string[]): Headers {
  return new Headers([...headers].filter(([name]) => names.includes(name)));
}
