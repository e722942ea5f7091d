/**
 * What the stream still holds, loaded or not, read beside the workers: by consumers of its own, which end by themselves,
 * know no acks and leave WORKER as it is.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  AckPolicy,
  type Consumer,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/nats-core";
import { MESSAGE_BYTES_MAX } from "#protocol/limits.ts";
import { STREAM } from "#protocol/subject.ts";
import { type Delivery, isPullFull } from "./consume.ts";

/** One pull: at most this much, or what comes within the time. The largest message must fit. */
const PULL_BYTES = 2 * MESSAGE_BYTES_MAX;
const PULL_MS = 1_000;
const RETRY_MS = 1_000;

/** The server forgets a consumer that nobody has asked for so long: longer than a lot waits for an engine's restart. */
const FORGOTTEN_AFTER_MS = 5 * 60_000;

/** Sequences of the stream, inclusive. */
export interface KeptRange {
  first: number;
  last: number;
  /** When the oldest message that is held came, where older ones of the range are gone; null where none is. */
  goneBefore: Date | null;
}

export interface KeptMessage extends Delivery {
  /** When the stream took it. */
  at: Date;
}

export class KeptStream {
  readonly #nats: NatsConnection;
  readonly #manager: JetStreamManager;

  private constructor(nats: NatsConnection, manager: JetStreamManager) {
    this.#nats = nats;
    this.#manager = manager;
  }

  static async open(nats: NatsConnection): Promise<KeptStream> {
    return new KeptStream(nats, await jetstreamManager(nats, { checkAPI: false }));
  }

  /**
   * What is held now of the messages that the stream took at `from` or later, and before `to`; `last` is below `first` where
   * that is nothing.
   *
   * @throws Error while NATS does not answer, or where there is no stream
   */
  async range(from: Date, to: Date | null): Promise<KeptRange> {
    const { state } = await this.#manager.streams.info(STREAM);
    const oldest = new Date(state.first_ts);
    // A stream that begins at 1 has never been trimmed.
    const isTrimmed = state.first_seq > 1 && (state.messages === 0 || oldest > from);
    return {
      first: await this.#sequenceAt(from, state),
      last: to ? Math.min(state.last_seq, (await this.#sequenceAt(to, state)) - 1) : state.last_seq,
      goneBefore: isTrimmed ? (state.messages === 0 ? new Date() : oldest) : null,
    };
  }

  /** In order, each once, until the last of the range or `signal`. Waits for NATS when it is away. */
  async *messages({ first, last }: KeptRange, signal: AbortSignal): AsyncGenerator<KeptMessage> {
    let next = first;
    let reading: Reading | null = null;
    try {
      while (next <= last && !signal.aborted) {
        let pulled: JsMsg[] | null = null;
        try {
          reading ??= { consumer: await this.#consumerFrom(next), delivered: 0 };
          pulled = await pull(reading, last);
          if (pulled.length === 0 && (await reading.consumer.info()).num_pending === 0) return; // trimmed meanwhile
        } catch {
          reading = null;
          await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
        }
        for (const message of pulled ?? []) {
          if (signal.aborted) return;
          next = message.seq + 1;
          yield { seq: message.seq, data: message.data, deliveries: 1, at: message.time };
        }
      }
    } finally {
      await reading?.consumer.delete().catch(() => false);
    }
  }

  /**
   * Of the first message that came at this time or later, or the one after the last. The server is only asked for times
   * that it has messages of: what is centuries away overflows there.
   */
  async #sequenceAt(time: Date, { messages, first_seq, first_ts, last_seq, last_ts }: HeldState): Promise<number> {
    if (messages === 0 || time > new Date(last_ts)) return last_seq + 1;
    if (time <= new Date(first_ts)) return first_seq;
    const { name, delivered } = await this.#consumer({
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: time.toISOString(),
    });
    await this.#manager.consumers.delete(STREAM, name);
    return delivered.stream_seq + 1;
  }

  async #consumerFrom(seq: number): Promise<Consumer> {
    const { name } = await this.#consumer({ deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: seq });
    return jetstream(this.#nats).consumers.get(STREAM, name);
  }

  #consumer(
    start:
      | { deliver_policy: typeof DeliverPolicy.StartTime; opt_start_time: string }
      | { deliver_policy: typeof DeliverPolicy.StartSequence; opt_start_seq: number },
  ): Promise<ConsumerInfo> {
    return this.#manager.consumers.add(STREAM, {
      ...start,
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
      mem_storage: true,
      num_replicas: 1,
    });
  }
}

type HeldState = StreamInfo["state"];

/** A consumer, and how many messages it has sent that came. */
interface Reading {
  consumer: Consumer;
  delivered: number;
}

/** @throws Error where one that was sent did not come: without acks the server does not send it again */
async function pull(reading: Reading, last: number): Promise<JsMsg[]> {
  const pulled: JsMsg[] = [];
  try {
    const messages = await reading.consumer.fetch({ max_bytes: PULL_BYTES, expires: PULL_MS });
    for await (const message of messages) {
      if (message.info.deliverySequence !== ++reading.delivered) throw new Error("a message was lost on its way");
      if (message.seq <= last) pulled.push(message);
      if (message.seq >= last) break;
    }
  } catch (error) {
    if (!isPullFull(error)) throw error;
  }
  return pulled;
}
