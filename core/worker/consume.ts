/**
 * The stream: messages are pulled within bounds, kept in progress for as long as the worker holds them, and acknowledged
 * when everything in them is loaded or a dead letter. Nothing is ever given back (nak) or given up (term).
 *
 * An ack names a message by its sequence alone. Once a stream is made anew its sequences start at 1 again, and an ack
 * meant for the old message 5 would tell the server that the new message 5 is loaded. So each message remembers which
 * making of the consumer it came from, and acks are sent only while that one stands. Within one making a sequence may be
 * another message's as well, once the server has lost its last ones: the time at which it was stored tells them apart.
 */

import { setTimeout as sleep } from "node:timers/promises";
import {
  AckPolicy,
  type Consumer,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { millis, type NatsConnection } from "@nats-io/nats-core";
import { z } from "zod";
import type { StreamPlace } from "#core/store/postgres/tombstones.ts";
import consumerJson from "#infra/nats/consumer.json" with { type: "json" };
import streamJson from "#infra/nats/stream.json" with { type: "json" };
import { MESSAGE_BYTES_MAX } from "#protocol/limits.ts";
import { CONSUMER, STREAM } from "#protocol/subject.ts";
import type { StreamState } from "./metrics.ts";

const STREAM_CONFIG = z
  .object({
    name: z.literal(STREAM),
    subjects: z.array(z.string()),
    storage: z.enum(StorageType),
    retention: z.enum(RetentionPolicy),
    discard: z.enum(DiscardPolicy),
    max_bytes: z.int(),
    max_age: z.int(),
    num_replicas: z.int(),
  })
  .parse(streamJson);

const CONSUMER_CONFIG = z
  .object({
    durable_name: z.literal(CONSUMER),
    ack_policy: z.enum(AckPolicy),
    deliver_policy: z.enum(DeliverPolicy),
    ack_wait: z.int(),
    max_ack_pending: z.int(),
    max_deliver: z.int(),
  })
  .parse(consumerJson);

/** Of the stream's and the consumer's settings, those by which a 202 would be lost if they were otherwise. */
const STREAM_MUST = ["storage", "retention", "discard", "max_age"] as const;
const CONSUMER_MUST = ["ack_policy", "deliver_policy", "max_deliver"] as const;

/** And those that must not be set: messages of which some are thrown away, passed over, or handed out without content. */
const STREAM_MUST_NOT = ["max_msgs_per_subject"] as const;
const CONSUMER_MUST_NOT = ["filter_subject", "filter_subjects", "headers_only"] as const;

/**
 * One pull: at most this much, or what comes within the time. The largest message must fit, with what surrounds it; more
 * would not be here in time on a slow way, and what comes after the time is delivered again only after `ack_wait`.
 */
const PULL_BYTES = MESSAGE_BYTES_MAX + 64 * 1024;
const PULL_MS = 1_000;

/** Bytes held (still compressed) above which nothing is pulled: two lots of what real recordings compress to. */
const HELD_BYTES_MAX = 2 * MESSAGE_BYTES_MAX;

const RETRY_MS = 1_000;

/** A message in the worker's hands. */
export interface Delivery {
  seq: number;
  data: Uint8Array;
  /** How often the server has given it out, this time included. */
  deliveries: number;
  /** More lay on the stream behind it then. */
  hasMore?: boolean;
}

/**
 * From its third delivery on a message is taken alone: nothing else is in the pipeline's hands, so that whatever happens
 * then is its own doing, and costs no other message a try (suspects.ts).
 */
const ALONE_FROM_DELIVERY = 3;

export function isSuspect({ deliveries }: Delivery): boolean {
  return deliveries >= ALONE_FROM_DELIVERY;
}

export interface Watch {
  /** A message came that had been delivered before. */
  redelivered(): void;
  holding(messages: number, bytes: number): void;
  /** The stream cannot be read now, and why; null when it can again. */
  trouble(why: string | null): void;
}

export class StreamReader {
  readonly #manager: JetStreamManager;
  readonly #nats: NatsConnection;
  readonly #watch: Watch;
  /** By sequence, of the present making of the consumer. */
  readonly #held = new Map<number, { delivery: Delivery; message: JsMsg }>();
  #heldBytes = 0;
  /** When the consumer was made that the held messages came from. */
  #made: string | null = null;
  #ackWaitMs = millis(CONSUMER_CONFIG.ack_wait);
  #consumer: Consumer | null = null;
  #oldest: { seq: number; at: number } | null = null;
  #stopping = false;
  #queue: Delivery[] = [];
  /** Handed out and not acknowledged. */
  readonly #out = new Set<Delivery>();
  #stir = Promise.withResolvers<void>();

  private constructor(nats: NatsConnection, manager: JetStreamManager, watch: Watch) {
    this.#nats = nats;
    this.#manager = manager;
    this.#watch = watch;
  }

  /**
   * Ensures stream and consumer as infra/nats/ has them.
   * @throws StreamFault where one exists with settings that could lose a batch; other errors while NATS does not answer
   */
  static async open(nats: NatsConnection, watch: Watch): Promise<StreamReader> {
    const reader = new StreamReader(nats, await jetstreamManager(nats, { checkAPI: false }), watch);
    await reader.#reopen();
    return reader;
  }

  /** What is pulled, in order, until `stop`, and then what is still held. */
  async *deliveries(): AsyncGenerator<Delivery> {
    let pulling = true;
    const pulled = this.#pull().finally(() => {
      pulling = false;
      this.#signal();
    });
    const beat = setInterval(() => this.#keepInProgress(), this.#ackWaitMs / 3);
    try {
      while (pulling || this.#queue.length > 0) {
        const [next] = this.#queue;
        if (!next || this.#mustWait(next)) {
          await this.#stirred();
          continue;
        }
        this.#queue.shift();
        this.#out.add(next);
        yield next;
      }
      await pulled;
    } finally {
      clearInterval(beat);
    }
  }

  /** Everything in these messages is loaded or a dead letter. What cannot be acked now is delivered, and folds, again. */
  async acknowledge(deliveries: readonly Delivery[]): Promise<void> {
    const standing = await this.#manager.consumers.info(STREAM, CONSUMER).then(
      ({ created }) => created === this.#made,
      () => false,
    );
    for (const delivery of deliveries) {
      this.#out.delete(delivery);
      const held = this.#held.get(delivery.seq);
      if (held?.delivery !== delivery) continue; // from an earlier making of the consumer
      if (standing) held.message.ack();
      this.#letGo(delivery);
    }
    if (!standing) this.#consumer = null;
    this.#signal();
  }

  /** @throws while NATS does not answer */
  async state(): Promise<StreamState> {
    const [stream, consumer] = await Promise.all([
      this.#manager.streams.info(STREAM),
      this.#manager.consumers.info(STREAM, CONSUMER),
    ]);
    const { last_seq, first_seq, bytes } = stream.state;
    const floor = consumer.ack_floor.stream_seq;
    return {
      lag: last_seq - floor,
      bytes,
      bytesMax: stream.config.max_bytes,
      oldestUnloadedAt: floor < last_seq ? await this.#takenAt(Math.max(floor + 1, first_seq)) : null,
    };
  }

  /** When the stream took a message. Asked once a message, since the server tells it with all of its bytes. */
  async #takenAt(seq: number): Promise<number | null> {
    if (this.#oldest?.seq !== seq) {
      const message = await this.#manager.streams.getMessage(STREAM, { seq }).catch(nullIfMissing);
      this.#oldest = message && { seq, at: message.time.getTime() };
    }
    return this.#oldest?.at ?? null;
  }

  /** @throws while NATS does not answer */
  async place(): Promise<StreamPlace> {
    const consumer = await this.#manager.consumers.info(STREAM, CONSUMER);
    const { created, state } = await this.#manager.streams.info(STREAM);
    return { made: new Date(created), last_seq: state.last_seq, settled_seq: consumer.ack_floor.stream_seq };
  }

  /** No more pulls; the one under way ends by itself within a second, so that nothing is on its way to nobody. */
  stop(): void {
    this.#stopping = true;
    this.#signal();
  }

  /** A suspect goes out alone: after all others are settled, and before any other goes. */
  #mustWait(next: Delivery): boolean {
    const [out] = this.#out;
    return out !== undefined && (isSuspect(next) || isSuspect(out));
  }

  async #pull(): Promise<void> {
    while (!this.#stopping) {
      try {
        const consumer = this.#consumer ?? (await this.#reopen());
        this.#watch.trouble(null);
        await this.#room();
        if (this.#stopping) return;
        const pull = await consumer.fetch({ max_bytes: PULL_BYTES, expires: PULL_MS });
        for await (const message of pull) this.#take(message);
      } catch (error) {
        if (isPullFull(error)) continue;
        this.#consumer = null;
        this.#watch.trouble(error instanceof Error ? error.message : String(error));
        await sleep(RETRY_MS);
      }
    }
  }

  #take(message: JsMsg): void {
    if (message.redelivered) this.#watch.redelivered();
    const before = this.#held.get(message.seq);
    // Delivered again while it is held (a beat was lost): the copy in hand will be acked, by the same sequence.
    if (before?.message.info.timestampNanos === message.info.timestampNanos) return;
    // A server that lost its last messages, to a power cut or a backup, gives their sequences to others.
    if (before) this.#letGo(before.delivery);
    const { deliveryCount: deliveries, pending } = message.info;
    const delivery: Delivery = { seq: message.seq, data: message.data, deliveries, hasMore: pending > 0 };
    this.#held.set(delivery.seq, { delivery, message });
    this.#heldBytes += delivery.data.byteLength;
    this.#queue.push(delivery);
    this.#watch.holding(this.#held.size, this.#heldBytes);
    this.#signal();
  }

  #letGo({ seq, data }: Delivery): void {
    this.#held.delete(seq);
    this.#heldBytes -= data.byteLength;
    this.#watch.holding(this.#held.size, this.#heldBytes);
  }

  #keepInProgress(): void {
    for (const { message } of this.#held.values()) message.working();
  }

  async #reopen(): Promise<Consumer> {
    const made = await ensureConsumer(this.#manager);
    if (made.created !== this.#made) {
      this.#made = made.created;
      this.#ackWaitMs = millis(made.config.ack_wait ?? CONSUMER_CONFIG.ack_wait);
      this.#held.clear();
      this.#heldBytes = 0;
      this.#queue = [];
      this.#oldest = null;
    }
    this.#consumer = await jetstream(this.#nats).consumers.get(STREAM, CONSUMER);
    return this.#consumer;
  }

  async #room(): Promise<void> {
    while (!this.#stopping && this.#heldBytes >= HELD_BYTES_MAX) await this.#stirred();
  }

  #stirred(): Promise<void> {
    return this.#stir.promise;
  }

  #signal(): void {
    const { resolve } = this.#stir;
    this.#stir = Promise.withResolvers();
    resolve();
  }
}

/** A setting that a 202 rests on is not what it must be. Waiting does not mend it. */
export class StreamFault extends Error {}

async function ensureConsumer(manager: JetStreamManager): Promise<ConsumerInfo> {
  const stream = await manager.streams.info(STREAM).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return manager.streams.add(STREAM_CONFIG);
  });
  const consumer = await manager.consumers.info(STREAM, CONSUMER).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return manager.consumers.add(STREAM, CONSUMER_CONFIG);
  });
  for (const key of STREAM_MUST) {
    if (stream.config[key] === STREAM_CONFIG[key]) continue;
    throw new StreamFault(`nats: ${key} of stream ${STREAM} is ${stream.config[key]}, not ${STREAM_CONFIG[key]}`);
  }
  for (const key of CONSUMER_MUST) {
    if (consumer.config[key] === CONSUMER_CONFIG[key]) continue;
    throw new StreamFault(
      `nats: ${key} of consumer ${CONSUMER} is ${consumer.config[key]}, not ${CONSUMER_CONFIG[key]}`,
    );
  }
  for (const key of STREAM_MUST_NOT) {
    if (!isSet(stream.config[key])) continue;
    throw new StreamFault(`nats: ${key} of stream ${STREAM} is ${stream.config[key]}, and must not be set`);
  }
  for (const key of CONSUMER_MUST_NOT) {
    if (!isSet(consumer.config[key])) continue;
    throw new StreamFault(`nats: ${key} of consumer ${CONSUMER} is ${consumer.config[key]}, and must not be set`);
  }
  return consumer;
}

/** The server says of some settings that they are not there, of others -1. */
function isSet(value: string | string[] | number | boolean | undefined): boolean {
  return typeof value === "number" ? value > 0 : Boolean(value) && value?.toString() !== "";
}

/** Of a message that is not there any more: loaded and trimmed meanwhile. */
function nullIfMissing(error: unknown): null {
  if (error instanceof JetStreamApiError) return null;
  throw error;
}

function isMissing(error: unknown): boolean {
  const missing: number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound];
  return error instanceof JetStreamApiError && missing.includes(error.code);
}

/** The server ends a pull whose remaining bytes do not hold the next message: the next pull will. */
export function isPullFull(error: unknown): boolean {
  return error instanceof Error && /message size exceeds maxbytes/i.test(error.message);
}
