import { createInbox, type NatsConnection, wsconnect } from "@nats-io/nats-core";
import { MESSAGE_BYTES_MAX } from "#protocol/limits.ts";
import { EDGE_INBOX_PREFIX } from "#protocol/subject.ts";
import { logRepeated } from "../log.ts";
import { within } from "../within.ts";
import { Breaker } from "./breaker.ts";
import type { NoPubAckReason, PublishOutcome } from "./interface.ts";
import { PubAcks } from "./pub-acks.ts";

export interface ConnectionSettings {
  url: string;
  user: string;
  password: string;
  /** How the server lists this client. */
  name: string;
  /** What opening may take, and after which a PubAck is late, ms. */
  budgetMs: number;
  /** After which a PubAck is no longer waited for, ms: until then a late one still counts. */
  patienceMs: number;
  /** How often the server is asked whether it is still there, ms: after two pings without an answer it is not. */
  pingMs: number;
  /** How long it stays open without a publish, ms: an open outgoing socket keeps the object in memory, and billed. */
  idleMs: number;
  /** What is subscribed to while there is a connection, and who gets what comes. */
  subscription?: { subject: string; received: (data: Uint8Array) => void };
  /** Called when a connection is there that was not. */
  opened?: () => void;
  /** Called for each PubAck, with what it took in ms. */
  acked?: (tookMs: number) => void;
}

/** What the server, or the lack of one, makes of a message. */
export type StreamOutcome = Extract<PublishOutcome, { kind: "acked" }> | { kind: "no_puback"; reason: NoPubAckReason };

interface Session {
  nats: NatsConnection;
  pubAcks: PubAcks;
}

const PINGS_UNANSWERED_MAX = 2;
/** A ping waits behind what was sent before it: a slow way is no dead one. */
const PONG_MS_MIN = 1_000;
const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 2_000;
/** How long it stays open when it was opened for a look and nothing is published. */
const LOOK_MS = 2_000;
/** What a message's headers may take of the server's `max_payload`. */
const HEADER_BYTES_MAX = 1_024;

/**
 * One NATS connection over WebSocket, shared by all requests of a relay: opened by the first publish, closed when
 * there was none for long, and opened anew after it broke.
 *
 * - Known to be down, it says so at once, and dials beside those who ask, with growing pauses: nobody waits for it.
 * - A PubAck that is late makes it ping. A server that answers the ping is slow (breaker.ts); one that does not is gone,
 *   or the way to it is, whatever the socket says: the socket is dropped, and with it what was under way.
 *
 * The client's own reconnecting is off. It would make publishes wait on a socket known to be gone, dial a dead core for
 * ever without anyone asking, and would not come back from a close for good.
 */
export class Connection {
  readonly #settings: ConnectionSettings;
  readonly #breaker = new Breaker();
  #session: Session | null = null;
  #opening: Promise<Session | null> | null = null;
  #pinging = false;
  #failures = 0;
  #retryAt = 0;
  #usedAt = 0;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  get isOpen(): boolean {
    return this.#session !== null;
  }

  get isSlow(): boolean {
    return this.#breaker.isOpen;
  }

  /** The largest message that the server takes, bytes. */
  get messageBytesMax(): number {
    return (this.#session?.nats.info?.max_payload ?? MESSAGE_BYTES_MAX) - HEADER_BYTES_MAX;
  }

  /** Why a publish for which someone waits would be in vain now, or null. Sees to it that this changes. */
  unavailable(): NoPubAckReason | null {
    if (!this.#session && this.#failures > 0) {
      void this.isConnected();
      return "not_connected";
    }
    return this.isSlow ? "server_slow" : null;
  }

  /** Whether there is a connection, after an attempt to open one if the last one's pause is over. */
  async isConnected(): Promise<boolean> {
    if (this.#session) return true;
    if (!this.#opening && Date.now() < this.#retryAt) return false;
    return (await this.#open()) !== null;
  }

  /**
   * Resolves with the PubAck, or with why there is none: within `patienceMs`, for it may be late. Never rejects.
   * @param pieces of the message
   * @param isWhole whether it still stands: while the connection was opened, a batch in it may have had its answer, and its
   * memory is another's then
   */
  async publish(
    subject: string,
    pieces: readonly Uint8Array[],
    isWhole: () => boolean = () => true,
  ): Promise<StreamOutcome> {
    const session = this.#session ?? (this.#failures === 0 ? await this.#open() : null);
    if (!session) return noPubAck(this.unavailable() ?? "not_connected");
    if (!isWhole()) return noPubAck("timeout");
    const { budgetMs, patienceMs, acked } = this.#settings;
    const startedAt = Date.now();
    this.#usedAt = startedAt;
    const late = setTimeout(() => this.#overrun(session), budgetMs);
    const outcome = await session.pubAcks.publish(subject, pieces, patienceMs);
    clearTimeout(late);
    const tookMs = Date.now() - startedAt;
    if (isByServer(outcome) && tookMs <= budgetMs) this.#breaker.inTime();
    if (outcome.kind === "acked") acked?.(tookMs);
    return outcome;
  }

  /** What is under way gets its word first. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    session?.pubAcks.abandon();
    await session?.nats.close();
  }

  #overrun(session: Session): void {
    this.#breaker.overrun();
    logRepeated("puback_late");
    void this.#ping(session);
  }

  async #ping(session: Session): Promise<void> {
    if (this.#pinging || this.#session !== session) return;
    this.#pinging = true;
    const pong = session.nats.flush().then(
      () => true,
      () => false,
    );
    const answered = await within(pong, Math.max(PONG_MS_MIN, this.#settings.budgetMs));
    this.#pinging = false;
    if (answered) return;
    this.#forget(session, new Error("stalled"));
    // That the peer agrees to the close is not waited for.
    void session.nats.close();
  }

  #open(): Promise<Session | null> {
    this.#opening ??= this.#dial().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #dial(): Promise<Session | null> {
    const { url, user, password, name, budgetMs, pingMs, idleMs, opened } = this.#settings;
    try {
      const socket = new WebSocket(url);
      const dialled = wsconnect({
        servers: url,
        wsFactory: async () => ({ socket, encrypted: url.startsWith("wss:") }),
        user,
        pass: password,
        name,
        inboxPrefix: EDGE_INBOX_PREFIX,
        timeout: budgetMs,
        reconnect: false,
        ignoreClusterUpdates: true,
        noAsyncTraces: true,
        pingInterval: pingMs,
        maxPingOut: PINGS_UNANSWERED_MAX,
      });
      const nats = await withinBudget(dialled, budgetMs);
      const session = { nats, pubAcks: new PubAcks(nats, socket, createInbox(EDGE_INBOX_PREFIX)) };
      this.#session = session;
      this.#failures = 0;
      this.#usedAt = Date.now() - idleMs + Math.min(idleMs, LOOK_MS);
      void nats.closed().then((error) => this.#forget(session, error));
      void this.#forgetWhenStale(session);
      this.#closeWhenIdle(session);
      this.#subscribe(nats);
      opened?.();
      return session;
    } catch (error) {
      this.#pause();
      logRepeated("relay_not_connected", { reason: errorName(error) });
      return null;
    }
  }

  /** A server that does not allow it has hints for nobody; the error ends with the subscription. */
  #subscribe(nats: NatsConnection): void {
    const { subscription } = this.#settings;
    if (!subscription) return;
    nats.subscribe(subscription.subject, {
      callback(error, message) {
        if (error) logRepeated("hints_refused", { reason: errorName(error) });
        else subscription.received(message.data);
      },
    });
  }

  /** Halved at random, so that relays do not come back together. */
  #pause(): void {
    const backoff = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** this.#failures++);
    this.#retryAt = Date.now() + backoff * (0.5 + Math.random() / 2);
  }

  /** It broke: known to be down from now on, until someone has dialled. */
  #forget(session: Session, error: unknown): void {
    session.pubAcks.abandon();
    if (this.#session !== session) return;
    this.#session = null;
    this.#pause();
    logRepeated("relay_connection_lost", { reason: errorName(error) });
  }

  /** Pings are not answered. The client then waits for the peer to agree to a close, which a frozen one never does. */
  async #forgetWhenStale(session: Session): Promise<void> {
    for await (const { type } of session.nats.status()) {
      if (type !== "staleConnection") continue;
      this.#forget(session, new Error("stalled"));
      void session.nats.close();
    }
  }

  #closeWhenIdle(session: Session): void {
    if (this.#session !== session) return;
    if (session.pubAcks.isAwaited) this.#usedAt = Date.now();
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
  const nats = await within(dialled, budgetMs);
  if (nats) return nats;
  dialled.then(
    (late) => late.close(),
    () => {},
  );
  throw new Error("dial_timeout");
}

/** Whether a server has spoken: what is too large is found out here too, before it is sent. */
function isByServer(outcome: StreamOutcome): boolean {
  if (outcome.kind === "acked") return true;
  return outcome.reason !== "connection_lost" && outcome.reason !== "timeout" && outcome.reason !== "message_too_large";
}

function noPubAck(reason: NoPubAckReason): StreamOutcome {
  return { kind: "no_puback", reason };
}

/** The name alone: a message may hold the server's address. */
function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "closed";
}
