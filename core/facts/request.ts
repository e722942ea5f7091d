/**
 * Requests: `rrweb/network@1` of our recorder, and what rrweb's and PostHog's network plugins send under that name, which
 * call some members otherwise. One event may tell many. All that a page loads is among them, `type` says what asked.
 */
import { z } from "zod";
import { cut, given } from "./bounds.ts";
import type { FactEvent } from "./page-view.ts";
import { momentOf, NETWORK_PLUGIN, pluginPayload } from "./recorded-event.ts";

export interface Request {
  idx: number;
  /** Place in its event. */
  part: number;
  /** When it was sent, by the client's clock, ms; where the recorder does not tell it, when it was told. */
  ts: number;
  props: {
    url: string;
    /** `fetch`, `xmlhttprequest`, `beacon`, or what loaded it: `img`, `script`, `navigation` … */
    type: string;
    /** Absent for what a page loads by itself, which is a GET. */
    method?: string;
    /** Absent where there was no answer, or the browser does not tell. */
    status?: number;
    /** A status of 400 or above, or no answer at all: the network failed, or CORS forbade it. */
    failed: boolean;
    /** The page gave it up. */
    aborted?: boolean;
    duration_ms?: number;
    /** Bytes of the bodies as they were sent, and of headers and body of the answer. */
    request_bytes?: number;
    response_bytes?: number;
    transfer_bytes?: number;
    decoded_bytes?: number;
    /** From before the recorder watched: known by the browser's timing only. */
    initial?: boolean;
  };
}

const URL_MAX = 2_000;
/** Of one event: more are not looked at. */
const READ_MAX = 2_000;

const text = z.string().optional().catch(undefined);
const number = z.number().nonnegative().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);

const Told = z.object({
  name: text,
  url: text,
  initiatorType: text,
  method: text,
  status: number,
  responseStatus: number,
  startTime: number,
  endTime: number,
  duration: number,
  timestamp: number,
  failed: flag,
  aborted: flag,
  isInitial: flag,
  requestBodySize: number,
  encodedBodySize: number,
  transferSize: number,
  decodedBodySize: number,
});

const Payload = z.object({ requests: z.array(z.unknown()), isInitial: flag });

export function requests(events: readonly FactEvent[]): Request[] {
  return events.flatMap((event, idx) => {
    const payload = pluginPayload(event, NETWORK_PLUGIN, Payload);
    if (!payload) return [];
    return payload.requests.slice(0, READ_MAX).flatMap((told, part) => {
      const request = Told.safeParse(told).data;
      const url = request?.name ?? request?.url;
      if (!request || url === undefined) return [];
      return [requestOf(event, { idx, part }, { ...request, url }, payload.isInitial)];
    });
  });
}

function requestOf(
  event: FactEvent,
  place: { idx: number; part: number },
  told: z.infer<typeof Told> & { url: string },
  areInitial: boolean | undefined,
): Request {
  const duration = told.duration ?? lasted(told);
  // A browser gives 0 for an answer that it does not show to the page.
  const status = told.status || told.responseStatus || undefined;
  const initial = told.isInitial || areInitial || undefined;
  const sentAt = told.timestamp ?? (initial || duration === undefined ? undefined : event.timestamp - duration);
  return {
    ...place,
    ts: momentOf(event, sentAt),
    props: {
      url: cut(told.url, URL_MAX),
      type: cut(told.initiatorType ?? "", 40) || "other",
      failed: told.failed === true || (status !== undefined && status >= 400),
      ...given({
        method: told.method && cut(told.method.toUpperCase(), 20),
        status,
        aborted: told.aborted || undefined,
        duration_ms: duration === undefined ? undefined : Math.round(duration),
        request_bytes: told.requestBodySize,
        response_bytes: told.encodedBodySize,
        transfer_bytes: told.transferSize,
        decoded_bytes: told.decodedBodySize,
        initial,
      }),
    },
  };
}

function lasted({ startTime, endTime }: { startTime?: number | undefined; endTime?: number | undefined }) {
  if (startTime === undefined || endTime === undefined || endTime < startTime) return undefined;
  return endTime - startTime;
}

/** What a page asked for in its program, rather than loaded for its looks. */
const ASKED = new Set(["fetch", "xmlhttprequest", "xhr", "beacon", "navigation"]);

/** Less is worth more: what failed, what the program asked for, and the rest. */
export function rankOfRequest({ props: { failed, type } }: Pick<Request, "props">): number {
  if (failed) return 0;
  return ASKED.has(type) ? 1 : 2;
}
