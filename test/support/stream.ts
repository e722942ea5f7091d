/** What lies in the stream: every body of every message, inflated. */
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { BodyEncoding } from "#protocol/envelope.ts";
import { decodeMessage } from "#protocol/message.ts";
import { STREAM } from "#protocol/subject.ts";

const INFLATE: Record<BodyEncoding, (body: Uint8Array) => Uint8Array> = {
  identity: (body) => body,
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** @param natsUrl with the worker's credentials */
export async function streamedTexts(natsUrl: string): Promise<string[]> {
  const { username, password, host } = new URL(natsUrl);
  const connection = await connect({ servers: host, user: username, pass: password, inboxPrefix: "_INBOX_worker" });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(STREAM);
    const texts: string[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(STREAM, { seq });
      if (message) texts.push(...bodiesOf(message.data));
    }
    return texts;
  } finally {
    await connection.close();
  }
}

function bodiesOf(message: Uint8Array): string[] {
  const decoded = decodeMessage(message);
  if (!decoded.ok) throw new Error(`a message in the stream cannot be read: ${decoded.reason}`);
  return decoded.batches.flatMap((batch) => {
    if (!batch.ok) return [batch.envelopeText];
    const body = INFLATE[batch.envelope.encoding](batch.body);
    return [JSON.stringify(batch.envelope), new TextDecoder().decode(body)];
  });
}
