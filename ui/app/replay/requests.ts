/** A session's requests as the network panel tells them. Pure. */
import { headline, kindOf, type TimelineItem, toneOf } from "./timeline-item.ts";

export interface NetworkRow extends TimelineItem {
  method: string;
  path: string;
  /** As the answer said it, or why there is none. */
  answered: string;
  failed: boolean;
  tookMs: number | null;
  bytes: number | null;
  /** What the page's program asked for, as opposed to what is loaded to show it. */
  isAsked: boolean;
  /** Where its bar begins and how long it is, in parts of the burst that it belongs to. */
  from: number;
  share: number;
}

/** After such a silence another burst of requests begins, with a scale of its own. */
const SILENCE_MS = 3_000;
/** The shortest bar that can be seen. */
const SHARE_MIN = 0.01;

/** In time order, as `items` are. */
export function networkRows(items: readonly TimelineItem[]): NetworkRow[] {
  return inBursts(items.filter(({ type }) => type === "$request").map(rowOf));
}

type Unplaced = Omit<NetworkRow, "from" | "share">;

function rowOf(item: TimelineItem): Unplaced {
  const { detail = {} } = item;
  const url = URL.parse(String(detail.url ?? ""));
  const status = Number(detail.status ?? 0);
  return {
    ...item,
    method: typeof detail.method === "string" ? detail.method.toUpperCase() : "GET",
    path: url ? `${url.pathname}${url.search}` : headline(item),
    answered:
      status > 0 ? String(status) : detail.aborted === true ? "aborted" : detail.failed === true ? "failed" : "",
    failed: toneOf(item) === "bad",
    tookMs: numberOf(detail.duration_ms),
    bytes: numberOf(detail.transfer_bytes) ?? numberOf(detail.response_bytes) ?? numberOf(detail.decoded_bytes),
    isAsked: kindOf(item) === "request",
  };
}

function inBursts(rows: readonly Unplaced[]): NetworkRow[] {
  const bursts: Unplaced[][] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    if (row.at_ms > endMs + SILENCE_MS) bursts.push([]);
    bursts.at(-1)?.push(row);
    endMs = Math.max(endMs, row.at_ms + (row.tookMs ?? 0));
  }
  return bursts.flatMap((burst) => {
    const begin = burst[0]?.at_ms ?? 0;
    const span = Math.max(1, ...burst.map(({ at_ms, tookMs }) => at_ms + (tookMs ?? 0) - begin));
    return burst.map((row) => {
      const share = Math.min(1, Math.max(SHARE_MIN, (row.tookMs ?? 0) / span));
      return { ...row, from: Math.min((row.at_ms - begin) / span, 1 - share), share };
    });
  });
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

/** `312 ms`, `4.1 s` */
export function tookInWords(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
