/** The edge's side of the stream, for tests: the same user, the same rights, the same messages. */
import { type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { EDGE_INBOX_PREFIX, type SUBJECT_ANALYTICS, SUBJECT_RRWEB, WORKER_INBOX_PREFIX } from "#protocol/subject.ts";
import type { TestNats } from "../../../test/support/nats.ts";

/** For an answer of a server that shares a busy machine. */
const PATIENCE_MS = 30_000;

export interface Publisher {
  /** Resolves with the PubAck's sequence: from then on the batches have their 202. */
  publish(message: Uint8Array, subject?: typeof SUBJECT_RRWEB | typeof SUBJECT_ANALYTICS): Promise<number>;
  close(): Promise<void>;
}

export async function openPublisher(nats: TestNats): Promise<Publisher> {
  const connection = await connect({
    ...credentials(nats.urlOf("edge")),
    inboxPrefix: EDGE_INBOX_PREFIX,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  const stream = jetstream(connection, { timeout: PATIENCE_MS });
  return {
    publish: async (message, subject = SUBJECT_RRWEB) => (await stream.publish(subject, message, { retries: 20 })).seq,
    close: () => connection.close(),
  };
}

/** What an operator may do to the stream. */
export async function openManager(nats: TestNats): Promise<{ manager: JetStreamManager; close(): Promise<void> }> {
  const connection = await connect({ ...credentials(nats.urlOf("worker")), inboxPrefix: WORKER_INBOX_PREFIX });
  return {
    manager: await jetstreamManager(connection, { checkAPI: false, timeout: PATIENCE_MS }),
    close: () => connection.close(),
  };
}

export function credentials(url: string): { servers: string; user: string; pass: string } {
  const { host, username, password } = new URL(url);
  return { servers: host, user: username, pass: password };
}
