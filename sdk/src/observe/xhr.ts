import { bodiesOf } from "./bodies.ts";
import { headersOf } from "./headers.ts";
import type { Watched } from "./host.ts";
import type { NetworkRequest, RequestLog } from "./network.ts";
import { patch } from "./patch.ts";

interface Opened {
  method: string;
  address: string;
  headers: [string, string][];
}

/** Listens on each request by itself; never on its `upload`, which would make a simple request ask for a preflight. */
export function watchXhr(host: Watched, log: RequestLog): void {
  const { signal, neverThrow, view } = host;
  const { wants, ofRequest, setResponse } = bodiesOf(host);
  const opened = new WeakMap<XMLHttpRequest, Opened>();
  const { prototype } = view.XMLHttpRequest;

  const note = neverThrow((xhr: XMLHttpRequest, method: string, url: string | URL) => {
    opened.set(xhr, { method: String(method), address: String(url), headers: [] });
  });

  const begin = neverThrow((xhr: XMLHttpRequest, body: unknown) => {
    const { method, address, headers } = opened.get(xhr) ?? {};
    const request = method && address !== undefined && log.begin("xmlhttprequest", method, address);
    if (!request) return null;
    headersOf(host, request, "requestHeaders", headers);
    void ofRequest(request, body, undefined);
    let isOver = false;
    const onEnd = ({ type }: Event) => {
      // Its listeners stay, and the page may send it once more.
      if (!isOver) end(xhr, request, type);
      isOver = true;
    };
    for (const type of ["abort", "error", "timeout", "load"]) xhr.addEventListener(type, onEnd, { once: true });
    return request;
  }, null);

  const end = neverThrow((xhr: XMLHttpRequest, request: NetworkRequest, type: string) => {
    if (type === "load") {
      request.status = xhr.status;
      const lines = xhr.getAllResponseHeaders().trim().split(/\r?\n/).filter(Boolean);
      const pairs = lines.map((line) => line.split(/:\s*/, 2) as [string, string]);
      headersOf(host, request, "responseHeaders", pairs);
      const { responseType } = xhr;
      if (wants(request) && responseType === "json") setResponse(request, JSON.stringify(xhr.response));
      else if (wants(request) && /^(text)?$/.test(responseType)) setResponse(request, xhr.responseText);
    } else {
      request[type === "abort" ? "aborted" : "failed"] = true;
    }
    log.end(request);
  });

  patch(prototype, "open", signal, (original) => {
    return function (this: XMLHttpRequest, method: string, url: string | URL, ...rest: unknown[]) {
      note(this, method, url);
      return original.apply(this, [method, url, ...rest] as unknown as Parameters<typeof original>);
    };
  });
  patch(prototype, "setRequestHeader", signal, (original) => {
    return function (this: XMLHttpRequest, name, value) {
      opened.get(this)?.headers.push([name, value]);
      return original.call(this, name, value);
    };
  });
  patch(prototype, "send", signal, (original) => {
    return function (this: XMLHttpRequest, ...args) {
      const request = signal.aborted ? null : begin(this, args[0]);
      try {
        return original.apply(this, args);
      } catch (error) {
        // A synchronous one throws, and says so by no event.
        if (request) end(this, request, "error");
        throw error;
      }
    };
  });
}
