/**
 * Many recorders at once: each batch is attempted until it has its 202, with the same bytes and the pauses that the edge
 * asks for. Among them some bad requests, which must be refused.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Receipt } from "#protocol/batch.ts";
import { type Batch, badRequest, type Request, type Sent, type SentBatch, Visitor } from "./batches.ts";
import { madeUpSessions, type Sessions } from "./contents.ts";

export interface TrafficOptions {
  edgeUrl: string;
  keys: { write: string; read: string };
  /** Connections, each with one request at a time. */
  connections: number;
  /** Between two requests of a connection, ms. */
  pauseMs: number;
  /** What the recorder of a connection sends; made up ones of all sizes unless told otherwise. */
  sessions?(connection: number): Sessions;
  /** Of a hundred accepted batches: sent once more, as by a recorder that did not see its 202. */
  repeated?: number;
  /** Of a hundred batches whose first attempt got a 503 or no answer: never attempted again. */
  givenUp?: number;
}

/** Of a hundred requests. */
const BAD_SHARE = 3;
/** A recorder keeps what has no 202; one that has so many makes no more of them. */
const KEPT_MAX = 8;
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 2_000;
const ATTEMPT_MS_MAX = 30_000;
const IDLE_MS = 20;

type Answer =
  | { kind: "accepted"; receipt: Receipt }
  | { kind: "other"; status: number; code: string; retryAfterMs: number | null }
  | { kind: "none" };

const ProblemCode = z.looseObject({ code: z.string() });

/** How often each answer came. */
export interface Answers {
  stream: number;
  spool: number;
  /** 503 and 429 to good batches. */
  refused: number;
  unanswered: number;
  /** 503 to bad requests. */
  uncheckable: number;
  /** 4xx to bad requests. */
  rejected: number;
}

export class Traffic {
  readonly answers: Answers = { stream: 0, spool: 0, refused: 0, unanswered: 0, uncheckable: 0, rejected: 0 };
  /** Answers that may not be: a good batch rejected, a bad one accepted, a 503 that does not say when to come again. */
  readonly wrong = new Map<string, number>();
  readonly #options: TrafficOptions;
  readonly #accepted = new Map<string, SentBatch>();
  readonly #givenUp: SentBatch[] = [];
  readonly #sessions = new Set<string>();
  readonly #badSessions = new Set<string>();
  readonly #lanes: Promise<void>[];
  #kept = 0;
  #bad = 0;
  #stopping = false;
  #giveUpAt = Number.POSITIVE_INFINITY;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.connections }, (_, connection) => this.#run(connection));
  }

  get sent(): Sent {
    return {
      accepted: this.#accepted,
      givenUp: this.#givenUp,
      sessions: this.#sessions,
      badSessions: this.#badSessions,
    };
  }

  /** 202s. */
  get acceptances(): number {
    return this.answers.stream + this.answers.spool;
  }

  /** Batches that have no 202 yet. */
  get kept(): number {
    return this.#kept;
  }

  /** Resolves when `condition` holds. @throws Error that names it when it takes too long */
  async until(name: string, condition: () => boolean, timeoutMs = 60_000): Promise<void> {
    for (const giveUpAt = Date.now() + timeoutMs; !condition(); await sleep(IDLE_MS)) {
      if (Date.now() > giveUpAt) throw new Error(`not within ${timeoutMs / 1_000} s: ${name}`);
    }
  }

  /** Resolves when so many more 202s have come. */
  more(acceptances: number): Promise<void> {
    const enough = this.acceptances + acceptances;
    return this.until(`${acceptances} more 202s`, () => this.acceptances >= enough);
  }

  /** No new batches; resolves when each has its 202, or after `patienceMs`. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true;
    this.#giveUpAt = Date.now() + patienceMs;
    await Promise.all(this.#lanes);
  }

  async #run(connection: number): Promise<void> {
    const { keys, pauseMs, sessions = () => madeUpSessions(), repeated = 0, givenUp = 0 } = this.#options;
    const visitor = new Visitor(keys.write, sessions(connection));
    const kept: { batch: Batch; dueAt: number; failures: number }[] = [];
    while ((!this.#stopping || kept.length > 0) && Date.now() < this.#giveUpAt) {
      await sleep(pauseMs);
      if (!this.#stopping && Math.random() * 100 < BAD_SHARE) await this.#sendBad();
      const due = kept.findIndex(({ dueAt }) => dueAt <= Date.now());
      let [entry] = due < 0 ? [] : kept.splice(due, 1);
      if (!entry && !this.#stopping && kept.length < KEPT_MAX) {
        entry = { batch: visitor.next(), dueAt: 0, failures: 0 };
        this.#sessions.add(entry.batch.sessionId);
        this.#kept++;
      }
      if (!entry) {
        await sleep(IDLE_MS);
        continue;
      }
      const retryAfterMs = await this.#send(entry.batch);
      if (retryAfterMs === "accepted") {
        this.#kept--;
        if (Math.random() * 100 < repeated) await this.#send(entry.batch);
        continue;
      }
      if (entry.failures === 0 && Math.random() * 100 < givenUp) {
        this.#kept--;
        const { request: _, ...facts } = entry.batch;
        this.#givenUp.push(facts);
        continue;
      }
      const backoffMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** entry.failures) * (0.5 + Math.random() / 2);
      kept.push({ ...entry, dueAt: Date.now() + (retryAfterMs ?? backoffMs), failures: entry.failures + 1 });
    }
  }

  /** @returns how long to wait before the next attempt, ms, if the edge has said it */
  async #send({ request, ...facts }: Batch): Promise<"accepted" | number | null> {
    const answer = await this.#attempt(request);
    if (answer.kind === "none") {
      this.answers.unanswered++;
      return null;
    }
    if (answer.kind === "accepted") {
      const { batch_id, durable } = answer.receipt;
      this.answers[durable]++;
      this.#accepted.set(batch_id, facts);
      return "accepted";
    }
    const { status, code, retryAfterMs } = answer;
    if (status === 503 || status === 429) {
      this.answers.refused++;
      if (retryAfterMs === null) this.#isWrong(`${status} ${code} without Retry-After`);
    } else {
      this.#isWrong(`${status} ${code} to a good batch`);
    }
    return retryAfterMs;
  }

  async #sendBad(): Promise<void> {
    const { request, sessionId, allowed } = badRequest(this.#bad++, this.#options.keys);
    this.#badSessions.add(sessionId);
    const answer = await this.#attempt(request);
    if (answer.kind === "none") return;
    const status = answer.kind === "accepted" ? 202 : answer.status;
    if (status === 503) this.answers.uncheckable++;
    else this.answers.rejected++;
    if (!allowed.includes(status)) this.#isWrong(`${status} to a bad request`);
  }

  async #attempt({ path, headers, body }: Request): Promise<Answer> {
    try {
      const signal = AbortSignal.timeout(ATTEMPT_MS_MAX);
      const response = await fetch(`${this.#options.edgeUrl}${path}`, { method: "POST", headers, body, signal });
      const json: unknown = await response.json();
      if (response.status === 202) return { kind: "accepted", receipt: Receipt.parse(json) };
      const retryAfter = response.headers.get("retry-after");
      const { code } = ProblemCode.parse(json);
      const retryAfterMs = retryAfter === null ? null : Number(retryAfter) * 1_000;
      return { kind: "other", status: response.status, code, retryAfterMs };
    } catch {
      return { kind: "none" };
    }
  }

  #isWrong(what: string): void {
    this.wrong.set(what, (this.wrong.get(what) ?? 0) + 1);
  }
}
