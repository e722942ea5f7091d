/** What lies in the stream, read as the worker reads it: its own user, its own decoder. */
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import streamJson from "#infra/nats/stream.json" with { type: "json" };
import type { BodyEncoding } from "#protocol/envelope.ts";
import { decodeMessage, type StreamedBatch } from "#protocol/message.ts";
import { STREAM, WORKER_INBOX_PREFIX } from "#protocol/subject.ts";
import { hashOf } from "./batches.ts";
import type { Stored } from "./count.ts";

const READ_AT_ONCE = 32;

const INFLATE: Record<BodyEncoding, (body: Uint8Array) => Uint8Array> = {
  identity: (body) => body,
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

export class StoredStream {
  /** All that was read so far, the streams before this one included. */
  readonly found: Stored[] = [];
  readonly #server: { url: string; password: string };
  #nextSeq = 1;

  /** @param url `nats://host:port` */
  constructor(url: string, workerPassword: string) {
    this.#server = { url, password: workerPassword };
  }

  /** Makes the stream as every deployment has it. */
  async make(): Promise<void> {
    await this.#manage((streams) => streams.add(streamJson as Parameters<typeof streams.add>[0]));
    this.#nextSeq = 1;
  }

  /** Reads what has come since. */
  async read(): Promise<void> {
    for (const batch of await this.batches()) this.found.push(asStored(batch));
  }

  /** What has come since the last time, as it is. */
  async batches(): Promise<StreamedBatch[]> {
    const batches: StreamedBatch[] = [];
    await this.#manage(async (streams) => {
      const { last_seq } = (await streams.info(STREAM)).state;
      while (this.#nextSeq <= last_seq) {
        const count = Math.min(READ_AT_ONCE, last_seq - this.#nextSeq + 1);
        const seqs = Array.from({ length: count }, (_, i) => this.#nextSeq + i);
        const messages = await Promise.all(seqs.map((seq) => streams.getMessage(STREAM, { seq }).catch(() => null)));
        for (const message of messages) if (message) batches.push(...batchesIn(message.data));
        this.#nextSeq += count;
      }
    });
    return batches;
  }

  /** Leaves room for so many bytes beyond what is there. */
  async leaveRoom(bytes: number): Promise<void> {
    await this.#manage(async (streams) => {
      const { state } = await streams.info(STREAM);
      await streams.update(STREAM, { max_bytes: state.bytes + bytes });
    });
  }

  async makeRoom(): Promise<void> {
    await this.#manage((streams) => streams.update(STREAM, { max_bytes: streamJson.max_bytes }));
  }

  /** Reads all of it and deletes it. Full first, so that nothing comes in between. */
  async readAndDelete(): Promise<void> {
    await this.#manage((streams) => streams.update(STREAM, { max_bytes: 1 }));
    await this.read();
    await this.#manage((streams) => streams.delete(STREAM));
  }

  /** Deletes one message, as no part of the system ever does: for the proof that the count sees it. */
  async lose(seq: number): Promise<void> {
    await this.#manage((streams) => streams.deleteMessage(STREAM, seq, true));
  }

  /** A connection each time, for the server comes and goes. */
  async #manage<T>(work: (streams: JetStreamManager["streams"]) => Promise<T>): Promise<T> {
    const connection = await connect({
      servers: this.#server.url,
      user: "worker",
      pass: this.#server.password,
      inboxPrefix: WORKER_INBOX_PREFIX,
    });
    try {
      return await work((await jetstreamManager(connection)).streams);
    } finally {
      await connection.close();
    }
  }
}

function batchesIn(message: Uint8Array): StreamedBatch[] {
  const decoded = decodeMessage(message);
  if (!decoded.ok) throw new Error(`a message in the stream cannot be read: ${decoded.reason}`);
  return decoded.batches.map((batch) => {
    if (!batch.ok) throw new Error(`a batch in the stream cannot be read: ${batch.reason}`);
    return batch;
  });
}

function asStored({ envelope, body }: StreamedBatch): Stored {
  const start = envelope.events_offset;
  const events = INFLATE[envelope.encoding](body).subarray(start, start + envelope.events_length);
  return { batchId: envelope.batch_id, sessionId: envelope.session_id, eventsHash: hashOf(events) };
}
