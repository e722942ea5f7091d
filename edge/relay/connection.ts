import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { type NatsConnection, wsconnect } from "@nats-io/nats-core";
import { EDGE_INBOX_PREFIX, STREAM } from "#protocol/subject.ts";
import { logRepeated } from "../log.ts";
import type { NotDurableReason, PublishOutcome } from "./interface.ts";
import { refusalReason } from "./refusal.ts";

export interface ConnectionSettings {
  url: string;
  user: string;
  password: string;
  /** How the server lists this client. */
  name: string;
  /** What opening and the PubAck may take together, ms. */
  budgetMs: number;
  /** How long it stays open without a publish, ms: an open outgoing socket keeps the object in memory, and billed. */
  idleMs: number;
}

interface Session {
  nats: NatsConnection;
  jetstream: JetStreamClient;
}

const PING_MS = 10_000;
const PINGS_UNANSWERED_MAX = 2;
const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 2_000;

/**
 * One NATS connection over WebSocket, shared by all requests of a relay: opened by the first publish, closed when
 * there was none for long, and opened anew by the next publish after it broke.
 *
 * The client's own reconnecting is off. It would make requests wait their whole budget on a socket known to be gone, dial
 * a dead core for ever without anyone asking, and would not come back from a close for good.
 */
export class Connection {
  readonly #settings: ConnectionSettings;
  #session: Session | null = null;
  #opening: Promise<Session | null> | null = null;
  #failures = 0;
  #retryAt = 0;
  #usedAt = 0;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** Resolves within the budget, with the PubAck or with why there is none. Never rejects. */
  async publish(subject: string, message: Uint8Array): Promise<PublishOutcome> {
    const deadline = Date.now() + this.#settings.budgetMs;
    const session = this.#session ?? (await this.#open());
    if (!session) return notDurable("not_connected");
    this.#usedAt = Date.now();
    try {
      const timeout = Math.max(1, deadline - this.#usedAt);
      // A PubAck of another stream that someone put on our subjects would be a promise that no worker keeps.
      const options = { timeout, expect: { streamName: STREAM } };
      const { stream, seq } = await session.jetstream.publish(subject, message, options);
      return { kind: "acked", stream, seq };
    } catch (error) {
      return notDurable(refusalReason(error));
    }
  }

  get isOpen(): boolean {
    return this.#session !== null;
  }

  /** Whether there is a connection, after an attempt to open one. */
  async isConnected(): Promise<boolean> {
    return (this.#session ?? (await this.#open())) !== null;
  }

  /** What is under way gets its word first. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.nats.close();
  }

  /**
   * The first to ask after a failure's pause waits for the attempt. Who asks meanwhile gets null at once, except while
   * nothing has failed yet: a first opening takes milliseconds and is worth them.
   */
  #open(): Promise<Session | null> {
    if (this.#opening) return this.#failures === 0 ? this.#opening : Promise.resolve(null);
    if (Date.now() < this.#retryAt) return Promise.resolve(null);
    this.#opening = this.#dial().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #dial(): Promise<Session | null> {
    const { url, user, password, name, budgetMs } = this.#settings;
    const dialled = wsconnect({
      servers: url,
      user,
      pass: password,
      name,
      inboxPrefix: EDGE_INBOX_PREFIX,
      timeout: budgetMs,
      reconnect: false,
      ignoreClusterUpdates: true,
      noAsyncTraces: true,
      pingInterval: PING_MS,
      maxPingOut: PINGS_UNANSWERED_MAX,
    });
    try {
      const nats = await withinBudget(dialled, budgetMs);
      const session = { nats, jetstream: jetstream(nats) };
      this.#session = session;
      this.#failures = 0;
      this.#usedAt = Date.now();
      void nats.closed().then((error) => this.#forget(session, error));
      this.#closeWhenIdle(session);
      return session;
    } catch (error) {
      // Halved at random, so that relays do not come back together.
      const backoff = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#failures++);
      this.#retryAt = Date.now() + backoff * (0.5 + Math.random() / 2);
      logRepeated("relay_not_connected", { reason: errorName(error) });
      return null;
    }
  }

  #forget(session: Session, error: unknown): void {
    if (this.#session !== session) return;
    this.#session = null;
    logRepeated("relay_connection_lost", { reason: errorName(error) });
  }

  #closeWhenIdle(session: Session): void {
    if (this.#session !== session) return;
    const remainingMs = this.#usedAt + this.#settings.idleMs - Date.now();
    if (remainingMs > 0) {
      setTimeout(() => this.#closeWhenIdle(session), remainingMs);
      return;
    }
    void this.close();
  }
}

/** The client waits without end for a socket that neither opens nor fails; what opens too late is closed again. */
async function withinBudget(dialled: Promise<NatsConnection>, budgetMs: number): Promise<NatsConnection> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      dialled.then(
        (late) => late.close(),
        () => {},
      );
      reject(new Error("dial_timeout"));
    }, budgetMs);
  });
  try {
    return await Promise.race([dialled, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function notDurable(reason: NotDurableReason): PublishOutcome {
  return { kind: "not_durable", reason };
}

/** The name alone: a message may hold the server's address. */
function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "closed";
}
