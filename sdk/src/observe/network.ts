/** Requests and resources, as rrweb's network plugin has them: what the page asked for, joined with the browser's timing. */
import { watchBeacons } from "./beacon.ts";
import { emitPlugin } from "./emit.ts";
import { watchFetch } from "./fetch.ts";
import type { Watched } from "./host.ts";
import { watchXhr } from "./xhr.ts";

/** A browser tells a request's timing a little after the page had its answer. */
const TIMING_WITHIN_MS = 1_000;
/** Of one page, resources and frames included. */
const REQUESTS_MAX = 2_000;
/** So many are remembered that were told without their timing, or have no end. */
const UNJOINED_MAX = 200;
const NAME_MAX = 2_000;

/** What shows a picture, or plays: of it, strict privacy tells no more than where it came from. */
const MEDIA = /^(img|image|input|video|audio|track|object|embed|css|icon)$/;

/** One request, in the members that rrweb's and PostHog's tools know. Times are ms since the page's `timeOrigin`. */
export interface NetworkRequest {
  /** The address. */
  name: string;
  initiatorType: string;
  method?: string;
  /** None where there was no answer, or the browser does not tell. */
  status?: number;
  startTime: number;
  endTime?: number;
  /** The network failed, or CORS forbade it. */
  failed?: boolean;
  /** The page gave it up. */
  aborted?: boolean;
  /** Bytes of the bodies, as they were sent. */
  requestBodySize?: number;
  encodedBodySize?: number;
  /** Bytes of headers and body. */
  transferSize?: number;
  decodedBodySize?: number;
  /** From before this was watched: only the browser's timing is known. */
  isInitial?: boolean;
  requestHeaders?: Record<string, string>;
  responseHeaders?: Record<string, string>;
  requestBody?: string;
  responseBody?: string;
}

/** Takes down the page's requests, each from its beginning to its end. */
export interface RequestLog {
  /** @returns null for what is not to be told: the recorder's own */
  begin(initiatorType: string, method: string, address: string): NetworkRequest | null;
  /** It is over as far as the page knows. */
  end(request: NetworkRequest): void;
}

interface State {
  ended?: boolean;
  hasTiming?: boolean;
  told?: boolean;
}

export function watchNetwork(host: Watched): void {
  const { signal, scrubUrl, neverThrow, view, told } = host;
  const { performance } = view;
  const own = host.own.map(absolute);
  const begunAt = performance.now();
  /** By this view's clock. */
  const since = host.since + window.performance.timeOrigin - performance.timeOrigin;
  const states = new Map<NetworkRequest, State>();

  function isOwn(name: string): boolean {
    return own.some((address) => name.startsWith(address));
  }

  function tell(requests: NetworkRequest[]): void {
    const more = requests.filter(() => ++told.requests <= REQUESTS_MAX).map(asTold);
    if (more.length > 0) emitPlugin(host, "rrweb/network@1", { requests: more });
  }

  function asTold(request: NetworkRequest) {
    const { name, initiatorType, startTime, endTime = performance.now() } = request;
    const isLeftOut = host.isStrict && MEDIA.test(initiatorType);
    return {
      ...request,
      name: isLeftOut ? new URL(name).origin : scrubUrl(name.replace(/^(data|blob):.*/s, "$1:")).slice(0, NAME_MAX),
      startTime: Math.round(startTime),
      endTime: Math.round(endTime),
      duration: Math.round(endTime - startTime),
      /** When it began, ms since 1970. */
      timestamp: Math.round(performance.timeOrigin + startTime),
    };
  }

  /** Tells it once it has ended and its timing is there, or is not waited for any longer. */
  function settle(request: NetworkRequest, isLate: boolean): void {
    const state = states.get(request);
    // Its end may come after recording has stopped and begun anew.
    if (!state || signal.aborted) return;
    if (!state.told && (isLate || (state.ended && state.hasTiming))) {
      state.told = true;
      tell([request]);
    }
    if (state.told && state.hasTiming) states.delete(request);
  }

  const log: RequestLog = {
    begin(initiatorType, method, address) {
      const name = absolute(address);
      if (signal.aborted || !name || isOwn(name)) return null;
      const request = { name, initiatorType, method: method.toUpperCase(), startTime: performance.now() };
      for (const [oldest] of states) if (states.size >= UNJOINED_MAX) states.delete(oldest);
      states.set(request, {});
      return request;
    },
    end(request) {
      const state = states.get(request);
      if (!state) return;
      state.ended = true;
      request.endTime ??= performance.now();
      settle(request, false);
      setTimeout(() => settle(request, true), TIMING_WITHIN_MS);
    },
  };

  /** The request that a timing is of: of several to one address the last that began before. */
  function requestOf({ name, startTime }: PerformanceEntry): NetworkRequest | undefined {
    const at = absolute(name);
    const alike = [...states.keys()].filter(
      (request) => request.name === at && request.startTime <= startTime + 1 && !states.get(request)?.hasTiming,
    );
    return alike[alike.length - 1];
  }

  /** @returns what only the browser knows of, null where the page's request is known */
  function join(entry: PerformanceResourceTiming): NetworkRequest | null {
    const { name, initiatorType, startTime, responseEnd, transferSize, encodedBodySize, decodedBodySize } = entry;
    if (isOwn(name)) return null;
    const timing = { endTime: responseEnd, transferSize, encodedBodySize, decodedBodySize };
    const request = requestOf(entry);
    if (request) {
      Object.assign(request, timing);
      (states.get(request) as State).hasTiming = true;
      settle(request, false);
      return null;
    }
    const { responseStatus: status } = entry as { responseStatus?: number };
    return {
      name,
      initiatorType,
      startTime,
      ...timing,
      ...(status && { status }),
      ...(startTime < begunAt && { isInitial: true }),
    };
  }

  /** What has ended is told now, before the page may go; as it goes, all is. */
  const flush = neverThrow((all: boolean) => {
    for (const [request, { ended }] of states) if (all || ended) settle(request, true);
  });

  const take = neverThrow((list: PerformanceObserverEntryList) => {
    const entries = (list.getEntries() as PerformanceResourceTiming[]).filter(({ startTime }) => startTime >= since);
    const others = entries.map(join);
    tell(others.filter((request) => request !== null));
  });

  watchFetch(host, log);
  watchXhr(host, log);
  watchBeacons(host, log);
  const observer = new view.PerformanceObserver(take);
  // A frame's document is one of the resources of what is around it.
  for (const type of view === window ? ["navigation", "resource"] : ["resource"])
    observer.observe({ type, buffered: true });
  signal.addEventListener("abort", () => observer.disconnect());
  host.leaving.add(() => flush(true));
  // Ahead of the recorder's own listener, which seals what there is.
  view.addEventListener("visibilitychange", () => view.document.hidden && flush(false), { capture: true, signal });

  /** Without its hash, which no server sees and no timing has. Empty for what is none: the page is told so by its own call. */
  function absolute(address: string): string {
    try {
      return new URL(address, view.document.baseURI).href.replace(/#.*/s, "");
    } catch {
      return "";
    }
  }
}
