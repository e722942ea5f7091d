import { bodiesOf } from "./bodies.ts";
import { headersOf } from "./headers.ts";
import type { Watched } from "./host.ts";
import type { NetworkRequest, RequestLog } from "./network.ts";
import { patch } from "./patch.ts";

type Fetch = typeof fetch;

/** The page gets what it would get: the very response, whose body nobody has read, or the very error, once. */
export function watchFetch(host: Watched, log: RequestLog): void {
  const { neverThrow, view } = host;
  const { wants, ofRequest, ofResponse } = bodiesOf(host);

  const begin = neverThrow((input: RequestInfo | URL, init?: RequestInit) => {
    // By its look: a frame's `Request` is of another class.
    const asked = typeof input === "object" && "url" in input ? input : undefined;
    const request = log.begin("fetch", init?.method ?? asked?.method ?? "GET", asked?.url ?? String(input));
    if (!request) return null;
    headersOf(host, request, "requestHeaders", init?.headers ?? asked?.headers);
    const body = ofRequest(request, init?.body ?? null, init?.body === undefined ? asked : undefined);
    return { request, body, signal: init?.signal ?? asked?.signal };
  }, null);

  const answered = neverThrow(async (request: NetworkRequest, response: Response, body: Promise<void> | undefined) => {
    request.status = response.status;
    headersOf(host, request, "responseHeaders", response.headers);
    // Its end is the answer; what is read of bodies is read meanwhile.
    request.endTime = view.performance.now();
    await Promise.allSettled([body, wants(request) && ofResponse(request, response)]);
    log.end(request);
  }, Promise.resolve());

  const failed = neverThrow((request: NetworkRequest, isAborted: boolean) => {
    request[isAborted ? "aborted" : "failed"] = true;
    log.end(request);
  });

  patch(view as { fetch: Fetch }, "fetch", host.signal, (original) => {
    return function (this: unknown, ...args: Parameters<Fetch>) {
      const watched = host.signal.aborted ? null : begin(...args);
      const result = original.apply(this as Window, args);
      if (!watched) return result;
      const { request, body, signal } = watched;
      return result.then(
        (response) => {
          void answered(request, response, body);
          return response;
        },
        (error) => {
          failed(request, Boolean(signal?.aborted));
          throw error;
        },
      );
    };
  });
}
