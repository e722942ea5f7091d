/**
 * Batch facts: what can be told from one batch alone, whatever came before, after, or twice. A fact's id is a hash of
 * (batch_id, idx, name), so that each delivery makes the same rows.
 */
import { hashParts } from "#protocol/batch-id.ts";
import { EventType } from "#protocol/event.ts";
import { type FactEvent, pageViews } from "./page-view.ts";

export interface BatchFact {
  event_name: string;
  event_id: string;
  idx: number;
  /** The client's clock, ms. */
  ts: number;
  url: string;
  props: Record<string, unknown>;
}

/** A custom event's row is the event itself. */
export function customFacts(batch: {
  batch_id: string;
  events: readonly { name: string; ts: number; url: string; props: Record<string, unknown> }[];
}): BatchFact[] {
  return batch.events.map(({ name, ...event }, idx) => ({
    ...event,
    idx,
    event_name: name,
    event_id: hashParts(batch.batch_id, String(idx), name),
  }));
}

/** Whether facts are read from the data of such events. Of the others, which are the bulk, nothing need be kept. */
export function tellsFacts(type: number): boolean {
  return type === EventType.Meta || type === EventType.Custom;
}

/** @param batch.events all events of the batch in order; `data` may be absent where `tellsFacts` says so */
export function batchFacts(batch: { batch_id: string; seq: number; events: readonly FactEvent[] }): BatchFact[] {
  return pageViews(batch).map((view) => ({
    ...view,
    event_name: "$pageview",
    event_id: hashParts(batch.batch_id, String(view.idx), "$pageview"),
  }));
}
