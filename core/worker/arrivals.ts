/** The first stage, run beside the others: messages taken apart into batches, each decoded or found to be dead. */
import { setImmediate as turn } from "node:timers/promises";
import { decodeMessage, type DecodedBatch as FramedBatch } from "#protocol/message.ts";
import type { Delivery } from "./consume.ts";
import type { Metrics } from "./metrics.ts";
import type { DeadBatch } from "./stages/dead-letters.ts";
import { type DecodedBatch, decodeBatch } from "./stages/decode.ts";
import { type Dead, dead, isDead } from "./verdict.ts";

/** One batch of a message, or a message that none can be told in. */
export interface Arrival {
  delivery: Delivery;
  /** Of the batch in its message, from 0. */
  place: number;
  /** With it, all of its message has arrived. */
  last: boolean;
  found: DecodedBatch | DeadBatch;
}

/** A message whose batches are to be tried one by one: each is decoded when its own try has begun. */
export interface Unopened {
  delivery: Delivery;
  batches: readonly FramedBatch[];
}

/** @param isApart asked before a message is looked into: whether it is to stay unopened */
export async function* arrivalsOf(
  deliveries: AsyncIterable<Delivery>,
  metrics: Metrics,
  isApart: (delivery: Delivery) => Promise<boolean>,
): AsyncGenerator<Arrival | Unopened> {
  for await (const delivery of deliveries) {
    const apart = await isApart(delivery);
    const message = decodeMessage(delivery.data);
    if (!message.ok) {
      const found = { dead: toDead(message.reason), stream_seq: delivery.seq, envelope: null, body: delivery.data };
      yield { delivery, place: 0, last: true, found };
      continue;
    }
    if (apart) {
      yield { delivery, batches: message.batches };
      continue;
    }
    for (const [place, batch] of message.batches.entries()) {
      const stop = metrics.decodeSeconds.startTimer();
      const found = decode(batch, delivery);
      stop();
      yield { delivery, place, last: place === message.batches.length - 1, found };
      await turn(); // decoding is all computing: beats, pings and probes must get their turn
    }
  }
}

export function isUnopened(arrival: Arrival | Unopened): arrival is Unopened {
  return "batches" in arrival;
}

/** Bytes of its events; none where it is dead. */
export function weightOf({ found }: Arrival): number {
  return "dead" in found ? 0 : found.envelope.events_length;
}

export function isLast(arrival: Arrival | Unopened): boolean {
  return isUnopened(arrival) || arrival.last;
}

export function decode(batch: FramedBatch, { seq: stream_seq }: Delivery): DecodedBatch | DeadBatch {
  const { body } = batch;
  if (!batch.ok) return { dead: toDead(batch.reason), stream_seq, envelope: batch.envelopeText, body };
  const streamed = { stream_seq, envelope: batch.envelope, body };
  try {
    const decoded = decodeBatch(streamed);
    return isDead(decoded) ? { dead: decoded, ...streamed } : decoded;
  } catch (error) {
    // Nothing a client sends may end the worker: the next one would meet the same bytes.
    return { dead: dead("decode_failed", String(error)), ...streamed };
  }
}

export function condemn(batch: FramedBatch, { seq: stream_seq }: Delivery, dead: Dead): DeadBatch {
  return { dead, stream_seq, envelope: batch.ok ? batch.envelope : batch.envelopeText, body: batch.body };
}

/** protocol/message.ts says `word` or `word: more`. */
function toDead(reason: string): Dead {
  const [word = "", ...more] = reason.split(": ");
  return dead(word, more.join(": "));
}
