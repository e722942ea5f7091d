/** What span facts are told of: an event and where it lies. */
import { EventType } from "#protocol/event.ts";
import { given } from "../bounds.ts";
import type { FoldEvent } from "../dom/fold.ts";
import { factId } from "../fact-id.ts";
import { placeText } from "../place.ts";

export interface Moment {
  batch_id: string;
  user_id: string | null;
  /** Place of the event in its batch. */
  idx: number;
  /** The client's clock, ms, as the event has it: what a row's time is made of. */
  ts: number;
  /** The same, but never less than any before it in the window: what spans of time are measured by. */
  at: number;
  url: string;
  event: FoldEvent;
}

/** What a row needs of it: the event itself may be as large as a batch, and is not to be kept with each fact. */
export type Place = Omit<Moment, "event">;

export function placeOf({ event: _, ...place }: Moment): Place {
  return place;
}

/** As a row, but for the session's claim. */
export interface SpanFact {
  event_name: string;
  event_id: string;
  batch_id: string;
  user_id: string | null;
  idx: number;
  ts: number;
  url: string;
  props: Record<string, unknown>;
}

/** @param part place among several facts of one name and event */
export function factOf(place: Place, event_name: string, props: Record<string, unknown>, part = 0): SpanFact {
  const { batch_id, user_id, idx, ts, url } = place;
  return {
    event_name,
    event_id: factId(batch_id, idx, event_name, part),
    batch_id,
    user_id,
    idx,
    ts,
    url: placeText(url),
    props: given(props),
  };
}

export function dataOf({ event }: Pick<Moment, "event">): Record<string, unknown> {
  return typeof event.data === "object" && event.data !== null ? (event.data as Record<string, unknown>) : {};
}

/** rrweb's `IncrementalSource` of an event; -1 of any other. */
export function sourceOf(moment: Moment): number {
  const { source } = dataOf(moment);
  return moment.event.type === EventType.IncrementalSnapshot && typeof source === "number" ? source : -1;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
