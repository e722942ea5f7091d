/** The rows of a batch: a function of its bytes and its session's claim, so that every delivery makes the same ones. */

import { type BatchFact, batchFacts, countsOf, customFacts, type FactCounts } from "#core/facts/batch-facts.ts";
import { correctedMs, receivedOn } from "#core/facts/claim.ts";
import type { BatchRow } from "#core/store/clickhouse/batches.ts";
import { eventVersion } from "#core/store/clickhouse/event-version.ts";
import type { EventRow } from "#core/store/clickhouse/events.ts";
import type { BatchKey, Recorded } from "#core/store/clickhouse/events-rrweb.ts";
import { EventType } from "#protocol/event.ts";
import { type Dead, dead } from "../verdict.ts";
import type { RedactedBatch } from "./redact.ts";

const NOTHING_RECORDED: Recorded = { text: new Uint8Array(), events: [] };

/** Places of one batch where playback may begin: a recorder has few, and whoever reads a session reads all of them. */
const FULL_SNAPSHOTS_MAX = 1_000;

export type DerivedBatch = RedactedBatch & { rows: BatchRows };

export interface BatchRows {
  key: BatchKey;
  recorded: Recorded;
  facts: EventRow[];
  /** Null for custom events: they are no part of a window's numbering, and are loaded when their facts are. */
  batch: BatchRow | null;
}

export function derive(batch: RedactedBatch): DerivedBatch | Dead {
  try {
    return { ...batch, rows: rowsOf(batch) };
  } catch (error) {
    // As in decoding: the next worker would meet the same bytes.
    return dead("derive_failed", String(error));
  }
}

function rowsOf(batch: RedactedBatch): BatchRows {
  const { envelope, claim } = batch;
  const key: BatchKey = {
    project_id: envelope.project_id,
    session_id: envelope.session_id,
    window_id: envelope.window_id,
    seq: envelope.seq,
    batch_id: envelope.batch_id,
    received_on: receivedOn(claim),
    version: batch.rules_version,
  };
  const { seq: _, ...factKey } = key;
  const rowOf = (fact: BatchFact): EventRow => ({
    ...factKey,
    ...fact,
    ts: correctedMs(fact.ts, claim),
    user_id: envelope.user?.id ?? null,
    version: eventVersion(key.version),
  });
  if (batch.holds === "custom events") {
    return {
      key,
      recorded: NOTHING_RECORDED,
      facts: customFacts({ ...key, events: batch.events }).map(rowOf),
      batch: null,
    };
  }
  const facts = batchFacts({ ...envelope, events: batch.events });
  return { key, recorded: batch, facts: facts.map(rowOf), batch: { ...batchRow(batch, key), ...countsOf(facts) } };
}

function batchRow(
  { envelope, events, body, first_ts, last_ts }: Extract<RedactedBatch, { holds: "recording" }>,
  key: BatchKey,
): Omit<BatchRow, keyof FactCounts> {
  const { id, email, ...traits } = envelope.user ?? {};
  return {
    ...key,
    received_at: envelope.received_at,
    first_ts,
    last_ts,
    event_count: events.length,
    events_bytes: envelope.events_length,
    body_bytes: body.byteLength,
    full_snapshots: events
      .flatMap(({ type, timestamp }, idx) => (type === EventType.FullSnapshot ? [{ idx, ts: timestamp }] : []))
      .slice(0, FULL_SNAPSHOTS_MAX),
    durable: envelope.durable,
    format: envelope.format,
    encoding: envelope.encoding,
    sent_at: envelope.sent_at ?? null,
    sealed_at: envelope.sealed_at ?? null,
    sealed_through: envelope.sealed_through ?? null,
    dropped: envelope.dropped ?? [],
    is_end: envelope.end ?? false,
    url: envelope.url ?? "",
    user_id: id ?? null,
    user_email: email ?? null,
    user_traits: traits,
    user_agent: envelope.user_agent ?? "",
    country: envelope.country ?? "",
    sdk: envelope.sdk ?? "",
    release: envelope.release ?? "",
    environment: envelope.environment ?? "",
  };
}
