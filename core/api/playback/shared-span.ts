/**
 * A span of a window, cut so that nothing of what lies before or after it can be read. A player must begin at a full
 * snapshot, and the one that a recorder made lies before the span: so a keyframe is made of the page as it was at the
 * span's start, by folding what led to it, and only that is given away.
 */
import { DomFold, type FoldEvent } from "#core/facts/dom/fold.ts";
import { type RrwebEvent, toEvents } from "#core/facts/dom/snapshot.ts";
import type { IndexedBatch, PlayWindow } from "#core/facts/play-order.ts";
import { EventType } from "#protocol/event.ts";
import type { PlayCursor } from "./cursor.ts";
import type { Keyframe } from "./keyframes.ts";
import { type EventSource, type PlayedEvent, readEvents } from "./read-events.ts";
import { type Part, partsAfter, partsOfWindow, startFor } from "./stretch.ts";

/** Client's clock, ms, inclusive. */
export interface Span {
  fromTs: number;
  toTs: number;
}

/** A mouse's positions are told up to half a second after they were: rrweb's own bound, doubled. */
const POSITIONS_MS = 1_000;

export interface SpanStretch {
  /** To be given whole, whatever the limit; empty where the answer begins otherwise. */
  keyframe: PlayedEvent[];
  events: AsyncIterable<PlayedEvent[]>;
  /** What `events` come to without a limit. */
  parts: Part[];
}

/** Whether something of the window lies in the span. */
export function isWithin({ first_ts, last_ts }: PlayWindow, { fromTs, toTs }: Span): boolean {
  return first_ts <= toTs && last_ts >= fromTs;
}

/** Where playback of the window can begin: at a keyframe where it was open before, and at the snapshots in the span. */
export function startsWithin(window: PlayWindow, span: Span): number[] {
  const recorded = window.batches.flatMap(({ full_snapshot_ts }) => full_snapshot_ts);
  const within = recorded.filter((ts) => isPlainStart(ts, span) && ts <= span.toTs);
  return startFor(window, span.fromTs + POSITIONS_MS) ? [span.fromTs, ...within] : within;
}

/** Gives the keyframe that was made of the same batches before, or makes it. */
export type KeepKeyframe = (batches: IndexedBatch[], make: () => Promise<Keyframe>) => Promise<Keyframe>;

/**
 * @param askedTs the answer begins at the last start at or before it
 * @param cursor instead, after this place
 */
export async function stretchWithin(
  source: Omit<EventSource, "toTs">,
  window: PlayWindow,
  span: Span,
  { askedTs, cursor, keep }: { askedTs: number; cursor?: PlayCursor | undefined; keep: KeepKeyframe },
): Promise<SpanStretch> {
  const bounded = { ...source, toTs: span.toTs };
  if (cursor) {
    const parts = partsAfter(window, cursor, span.toTs).filter(({ batch }) => batch.last_ts >= span.fromTs);
    return { keyframe: [], parts, events: only(span, readEvents(bounded, parts)) };
  }
  const asked = startFor(window, Math.min(askedTs, span.toTs));
  if (asked && isPlainStart(asked.snapshotTs, span)) {
    const parts = partsOfWindow(window, asked.part, span.toTs);
    return { keyframe: [], parts, events: only(span, readEvents(bounded, parts)) };
  }
  const before = startFor(window, span.fromTs) ?? startFor(window, span.fromTs + POSITIONS_MS);
  const parts = partsOfWindow(window, before?.part ?? null, span.toTs);
  if (!before) return { keyframe: [], parts, events: only(span, readEvents(bounded, parts)) };
  const met = parts.findIndex(({ batch }) => batch.last_ts >= span.fromTs);
  const led = met === -1 ? parts : parts.slice(0, met + 1);
  const { events, last } = await keep(
    led.map(({ batch }) => batch),
    () => foldedTo(bounded, span, led),
  );
  const rest = last ? partsAfter(window, placeOf(last), span.toTs) : parts;
  return { keyframe: events, parts, events: only(span, readEvents(bounded, rest)) };
}

/** A recorder's snapshot, and the Meta just before it, that lie in the span and need no keyframe. */
function isPlainStart(ts: number, { fromTs }: Span): boolean {
  return ts > fromTs + POSITIONS_MS;
}

/** Others may wait for it, so that it goes on where its first caller leaves. */
async function foldedTo(source: EventSource, span: Span, led: Part[]): Promise<Keyframe> {
  const fold = new DomFold();
  const caller = new AbortController().signal;
  let last: PlayedEvent | null = null;
  for await (const group of readEvents({ ...source, caller }, led)) {
    const parsed = group.map(parse);
    const start = parsed.findIndex(({ timestamp }) => timestamp >= span.fromTs);
    const earlier = start === -1 ? parsed : parsed.slice(0, start);
    for (const event of earlier) fold.apply(event);
    last = group[earlier.length - 1] ?? last;
    if (start !== -1) break;
  }
  if (!last) return { events: [], last: null };
  fold.timestamp = span.fromTs;
  // The keyframe stands where the last event stood that is in it.
  const place = { batch: last.batch, idx: last.idx };
  const events = keyframeOf(fold).map((event) => ({ ...place, payload: Buffer.from(JSON.stringify(event)) }));
  return { events, last: place };
}

function placeOf({ batch, idx }: Pick<PlayedEvent, "batch" | "idx">): PlayCursor {
  return { window_id: batch.window_id, seq: batch.seq, batch_id: batch.batch_id, idx, first_ts: batch.first_ts };
}

/** Of a page whose snapshot lies at the span's very start, there is its size alone. */
function keyframeOf(fold: DomFold): RrwebEvent[] {
  const { document, page, timestamp } = fold;
  if (document) return toEvents(fold);
  return page ? [{ type: EventType.Meta, timestamp, data: { ...page } }] : [];
}

/** What lies in the span, by the client's clock. */
async function* only(
  { fromTs, toTs }: Span,
  groups: AsyncIterable<PlayedEvent[]>,
): AsyncGenerator<PlayedEvent[], void> {
  for await (const group of groups) {
    const within = group.flatMap((event) => {
      if (event.batch.first_ts >= fromTs + POSITIONS_MS && event.batch.last_ts <= toTs) return [event];
      const parsed = parse(event);
      if (parsed.timestamp < fromTs || parsed.timestamp > toTs) return [];
      return [parsed.timestamp < fromTs + POSITIONS_MS ? withoutEarlierPositions(event, parsed, fromTs) : event];
    });
    if (within.length > 0) yield within;
  }
}

function withoutEarlierPositions(event: PlayedEvent, parsed: FoldEvent, fromTs: number): PlayedEvent {
  const { data, timestamp } = parsed;
  if (typeof data !== "object" || data === null || !("positions" in data) || !Array.isArray(data.positions)) {
    return event;
  }
  const positions = data.positions.filter(
    (position: { timeOffset?: unknown } | null) => timestamp + Number(position?.timeOffset ?? 0) >= fromTs,
  );
  return { ...event, payload: Buffer.from(JSON.stringify({ ...parsed, data: { ...data, positions } })) };
}

function parse({ payload }: PlayedEvent): FoldEvent {
  return JSON.parse(payload.toString()) as FoldEvent;
}
