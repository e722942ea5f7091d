import { type Msg, type NatsConnection, PermissionViolationError } from "@nats-io/nats-core";
import * as z from "zod";
import { MESSAGE_BYTES_MAX } from "#protocol/limits.ts";
import { STREAM } from "#protocol/subject.ts";
import type { StreamOutcome } from "./connection.ts";
import type { NoPubAckReason } from "./interface.ts";
import { PublishCommands } from "./publish-command.ts";

/** What JetStream answers to a publish that it does not take (nats-server, `JSPubAckResponse`). */
const RefusedPublish = z.object({ error: z.object({ err_code: z.int().optional() }) });

/** nats-server's err_code values (server/errors.json) that mean: no room. */
const NO_ROOM = new Set([
  10077, // JSStreamStoreFailedF: "maximum bytes exceeded", "maximum messages exceeded"
  10047, // JSStorageResourcesExceededErr
  10023, // JSInsufficientResourcesErr
]);

/** JSStreamMessageExceedsMaximumErr: over the stream's `max_msg_size`. */
const TOO_LARGE = 10054;

/** The status with which the server says that nobody listens on a subject: there is no stream. */
const NO_RESPONDERS = 503;

const utf8 = new TextDecoder();

/** A PubAck of another stream that someone put on our subjects would be a promise that no worker keeps. */
const EXPECTATIONS = new TextEncoder().encode(`NATS/1.0\r\nNats-Expected-Stream: ${STREAM}\r\n\r\n`);

interface Pending {
  subject: string;
  /** To be called once the server has the message. */
  received(): void;
  timer: ReturnType<typeof setTimeout>;
  settle(outcome: StreamOutcome): void;
}

/**
 * Publishes on a connection and waits for each PubAck: one subscription for all, a map from reply subject to who waits.
 * The client's own request does the same, with an Error made and a timer set for each, which took a fifth of a relay's time.
 *
 * What is published goes onto the client's socket past the client: between two of its own writes, which are whole commands.
 */
export class PubAcks {
  readonly #nats: NatsConnection;
  readonly #socket: WebSocket;
  readonly #inbox: string;
  readonly #commands = new PublishCommands(EXPECTATIONS);
  readonly #pending = new Map<string, Pending>();
  #next = 0;

  /**
   * @param socket the connection's
   * @param inbox a prefix of subjects that nobody else subscribes to, and this user may
   */
  constructor(nats: NatsConnection, socket: WebSocket, inbox: string) {
    this.#nats = nats;
    this.#socket = socket;
    this.#inbox = inbox;
    nats.subscribe(`${inbox}.*`, {
      callback: (error, message) => (error ? this.#settleAll("refused") : this.#take(message)),
    });
    // Writes what the client has kept back: a PubAck that comes before its subscription comes to nobody.
    nats.flush().catch(() => {});
    void this.#watchRefusals();
  }

  get isAwaited(): boolean {
    return this.#pending.size > 0;
  }

  /**
   * Resolves with the PubAck, or with why there is none: after `patienceMs` because it has not come. Never rejects.
   * @param pieces of the message
   */
  publish(subject: string, pieces: readonly Uint8Array[], patienceMs: number): Promise<StreamOutcome> {
    const reply = `${this.#inbox}.${(this.#next++).toString(36)}`;
    const { max_payload = MESSAGE_BYTES_MAX } = this.#nats.info ?? {};
    const command = this.#commands.encode(subject, reply, pieces, max_payload);
    if (!command) return Promise.resolve(refused("message_too_large"));
    return new Promise((settle) => {
      const timer = setTimeout(() => this.#settle(reply, refused("timeout")), patienceMs);
      this.#pending.set(reply, { subject, received: command.done, timer, settle });
      try {
        this.#socket.send(command.bytes);
      } catch {
        this.#settle(reply, refused("connection_lost"));
      }
    });
  }

  /** The connection is lost or given up, be its socket closed or not: no PubAck will be taken from it. */
  abandon(): void {
    this.#settleAll("connection_lost");
  }

  #take(message: Msg): void {
    this.#pending.get(message.subject)?.received();
    this.#settle(message.subject, outcomeOf(message));
  }

  #settle(reply: string, outcome: StreamOutcome): void {
    const pending = this.#pending.get(reply);
    if (!pending) return;
    this.#pending.delete(reply);
    clearTimeout(pending.timer);
    pending.settle(outcome);
  }

  #settleAll(reason: NoPubAckReason, subject?: string): void {
    for (const [reply, pending] of this.#pending) {
      if (subject === undefined || pending.subject === subject) this.#settle(reply, refused(reason));
    }
  }

  /** The server names the subject that this user may not publish to, and no message. */
  async #watchRefusals(): Promise<void> {
    for await (const status of this.#nats.status()) {
      if (status.type !== "error" || !(status.error instanceof PermissionViolationError)) continue;
      const { operation, subject } = status.error;
      if (operation === "publish") this.#settleAll("refused", subject);
    }
  }
}

function outcomeOf(message: Msg): StreamOutcome {
  if (message.headers?.code === NO_RESPONDERS) return refused("no_stream");
  const answer = readJson(message.data);
  if (isPubAck(answer)) return { kind: "acked", stream: answer.stream, seq: answer.seq };
  const read = RefusedPublish.safeParse(answer);
  return refused(read.success ? reasonOf(read.data.error.err_code) : "refused");
}

/** By hand: zod would be most of what a PubAck costs. */
function isPubAck(answer: unknown): answer is { stream: string; seq: number } {
  if (typeof answer !== "object" || answer === null || "error" in answer) return false;
  const { stream, seq } = answer as { stream?: unknown; seq?: unknown };
  return stream === STREAM && Number.isInteger(seq) && (seq as number) > 0;
}

function reasonOf(code: number | undefined): NoPubAckReason {
  if (code === TOO_LARGE) return "message_too_large";
  return code !== undefined && NO_ROOM.has(code) ? "stream_full" : "refused";
}

function refused(reason: NoPubAckReason): StreamOutcome {
  return { kind: "no_puback", reason };
}

function readJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(data));
  } catch {
    return null;
  }
}
