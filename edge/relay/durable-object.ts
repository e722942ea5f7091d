import { DurableObject } from "cloudflare:workers";
import { Envelope } from "#protocol/envelope.ts";
import { envelopeOfFrame, type Frame, frameBytes, splitFrames } from "#protocol/message.ts";
import { readRelayName, relayRegion } from "#protocol/relay-name.ts";
import { repairSubject, SUBJECT_ANALYTICS, SUBJECT_RRWEB } from "#protocol/subject.ts";
import { type Bindings, readSettings } from "../env.ts";
import { logRepeated } from "../log.ts";
import { registryClient } from "../registry/client.ts";
import { Connection } from "./connection.ts";
import { Drain } from "./drain.ts";
import { Figures } from "./figures.ts";
import { Gone } from "./gone.ts";
import { Group, type Refuge, type Refuged } from "./group.ts";
import {
  type NoPubAckReason,
  type PublishAnswer,
  type PublishOutcome,
  PublishRequest,
  type RelayFigures,
  type RelayHealth,
  type RelayMethods,
} from "./interface.ts";
import { Limits } from "./limits.ts";
import type { Load, Supply } from "./line.ts";
import { Listing } from "./listing.ts";
import { serve } from "./serve.ts";
import { find } from "./shared-memory.ts";
import { Spool } from "./spool.ts";
import { Wants } from "./wants.ts";

type Subject = typeof SUBJECT_RRWEB | typeof SUBJECT_ANALYTICS;

/** Between two reports to the platform, ms. */
const REPORT_MS = 10_000;
const IDLE_MS = 60_000;
const PING_MS = 10_000;
const REFUSING_MS = 10_000;
/** A PubAck that took longer than the budget still removes its batches from the spool. */
const PATIENCE_MS = 30_000;

/** The platform ends an alarm after 15 minutes. */
const DRAIN_MS_MAX = 10 * 60_000;
const DRAIN_PAUSE_MIN_MS = 250;
const DRAIN_PAUSE_MAX_MS = 30_000;
/** How soon after a failure the drain may be called for, because something else succeeded. */
const DRAIN_RECALL_MS = 1_000;
/** An alarm that should have rung so long ago was given up by the platform. */
const ALARM_LOST_MS = 60_000;
/** Should a drain be the end of the object, another life goes on after this. */
const ALARM_SPARE_MS = 60_000;

/**
 * Makes batches durable: in the stream, by the NATS connection that a Worker cannot hold (a socket belongs to one request
 * there, and to all requests here), else in its own storage, from where the alarm brings them to the stream.
 * Which projects and sessions meet in one relay is the client's choice (client.ts).
 *
 * While the spool holds anything an alarm is set: with the row, in one turn; by the constructor; by the next request; and
 * by the alarm itself before it begins and when it ends, however that is.
 */
export class Relay extends DurableObject<Bindings> implements RelayMethods {
  readonly #connection: Connection;
  readonly #spool: Spool;
  readonly #groups: Record<Subject, Group>;
  readonly #limits: Limits;
  readonly #wants = new Wants();
  readonly #gone = new Gone();
  readonly #drain: Drain;
  readonly #listing: Listing;
  readonly #figures = new Figures();
  readonly #dataset: AnalyticsEngineDataset | undefined;
  readonly #name: string;
  #reportedAt = 0;
  #lastFailure: { reason: RelayHealth["refusing"]; at: number } | null = null;
  /** When the alarm rings, ms since 1970; null when none is set. */
  #alarmAt: number | null = null;
  #draining = false;
  #drainFailures = 0;
  #drainFailedAt = 0;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    const settings = readSettings(env);
    this.#spool = new Spool(ctx.storage, settings.SPOOL_BYTES_MAX);
    this.#dataset = settings.FIGURES;
    this.#name = ctx.id.name ?? "relay";
    this.#limits = new Limits(settings.RELAY_SHARDS);
    const place = readRelayName(ctx.id.name ?? "");
    const hints = place && {
      subject: repairSubject(relayRegion(place.jurisdiction, place.continent)),
      received: (data: Uint8Array) => {
        this.#wants.note(data, Date.now());
        this.#gone.note(data, Date.now());
      },
    };
    this.#connection = new Connection({
      url: settings.NATS_WS_URL,
      user: settings.NATS_USER,
      password: settings.NATS_PASSWORD,
      name: this.#name,
      budgetMs: settings.PUBLISH_BUDGET_MS,
      patienceMs: settings.PUBLISH_BUDGET_MS + PATIENCE_MS,
      pingMs: PING_MS,
      idleMs: IDLE_MS,
      ...(hints && { subscription: hints }),
      opened: () => this.#callForDrain(),
      acked: (tookMs) => this.#figures.acked(tookMs),
    });
    const groupOf = (subject: Subject) => {
      const refuge: Refuge = {
        spool: (frames, reason) => this.#takeIn(subject, frames, reason),
        hold: (place) => this.#spool.hold(place),
        release: (place) => this.#spool.release(place),
        remove: (place, batches) => {
          this.#spool.remove(place);
          this.#figures.drained(batches);
        },
      };
      return new Group(subject, this.#connection, refuge, settings.PUBLISH_BUDGET_MS);
    };
    this.#groups = { [SUBJECT_RRWEB]: groupOf(SUBJECT_RRWEB), [SUBJECT_ANALYTICS]: groupOf(SUBJECT_ANALYTICS) };
    this.#drain = new Drain(this.#connection, this.#spool, (batches) => this.#figures.drained(batches));
    const name = place && (ctx.id.name ?? null);
    this.#listing = new Listing(registryClient(settings), name, () => this.#mayHold);
    void ctx.blockConcurrencyWhile(async () => {
      const alarmAt = await ctx.storage.getAlarm();
      const isFarAway = alarmAt !== null && alarmAt > Date.now() + DRAIN_PAUSE_MAX_MS;
      this.#alarmAt = isFarAway ? null : alarmAt;
      this.#seeToAlarm();
    });
  }

  async publish(request: PublishRequest): Promise<PublishAnswer> {
    const read = PublishRequest.safeParse(request);
    if (!read.success) return { outcomes: [{ kind: "not_durable", reason: "request_malformed" }], found: false };
    const laid = find(read.data.laid_at);
    if (laid) {
      await serve(laid, (load) => this.#answer(read.data, laid, load));
      return { outcomes: [], found: true };
    }
    if (!read.data.message) return { outcomes: [], found: false };
    const frames = splitFrames(read.data.message);
    if (!frames) return { outcomes: [{ kind: "not_durable", reason: "request_malformed" }], found: false };
    return { outcomes: await this.#publishAll(read.data, frames), found: false };
  }

  /** @returns whether any of it was spooled */
  async #answer(request: PublishRequest, supply: Supply, load: Load): Promise<boolean> {
    try {
      const outcomes = await this.#confirmed(await this.#publishAll(request, load.frames));
      supply.settle(load, outcomes);
      return outcomes.some(({ kind }) => kind === "spooled");
    } catch (error) {
      logRepeated("relay_failed", { reason: error instanceof Error ? error.name : "unknown" });
      supply.settle(load, [{ kind: "not_durable", reason: "refused" }]);
      return false;
    }
  }

  /** @returns one outcome where it is the same for all */
  async #publishAll(request: PublishRequest, frames: readonly Frame[]): Promise<PublishOutcome[]> {
    this.#seeToAlarm();
    const outcomes = await this.#publish(request, frames);
    const [first] = outcomes;
    const areSame = first && outcomes.every((outcome) => outcome === first);
    if (areSame) this.#note(first, outcomes.length);
    else for (const outcome of outcomes) this.#note(outcome, 1);
    this.#report();
    return areSame ? [first] : outcomes;
  }

  /**
   * A call's answer waits until what the relay has written is confirmed (the output gate). What is told by shared memory
   * has no such gate, and waits for it here.
   */
  async #confirmed(outcomes: PublishOutcome[]): Promise<PublishOutcome[]> {
    if (!outcomes.some(({ kind }) => kind === "spooled")) return outcomes;
    try {
      await this.ctx.storage.sync();
      return outcomes;
    } catch (error) {
      logRepeated("spool_failed", { reason: error instanceof Error ? error.name : "unknown" });
      return outcomes.map((outcome) =>
        outcome.kind === "spooled" ? { kind: "not_durable", reason: "spool_failed" } : outcome,
      );
    }
  }

  async #publish(request: PublishRequest, frames: readonly Frame[]): Promise<PublishOutcome[]> {
    const refused = frames.map((frame) => this.#refusal(request, frame));
    const admitted = frames.filter((_, i) => refused[i] === null);
    const outcomes = admitted.length > 0 ? await this.#groups[request.subject].publish(admitted) : [];
    let next = 0;
    return refused.map((refusal, i) => {
      if (refusal) return refusal;
      const outcome = outcomes[next++] ?? { kind: "not_durable", reason: "refused" };
      return this.#withWant(outcome, frames[i] as Frame);
    });
  }

  /** Why a batch is not taken in. */
  #refusal(request: PublishRequest, frame: Frame): PublishOutcome | null {
    if (!this.#gone.isEmpty) {
      const session = Envelope.pick({ project_id: true, session_id: true }).safeParse(envelopeOfFrame(frame));
      if (session.success && this.#gone.has(session.data, Date.now())) return { kind: "gone" };
    }
    const limited = this.#limits.take(request, frameBytes(frame));
    return limited && { kind: "limited", ...limited };
  }

  #withWant(outcome: PublishOutcome, frame: Frame): PublishOutcome {
    if (this.#wants.isEmpty || (outcome.kind !== "acked" && outcome.kind !== "spooled")) return outcome;
    const now = Date.now();
    this.#wants.forgetExpired(now);
    const window = Envelope.pick({ project_id: true, session_id: true, window_id: true }).safeParse(
      envelopeOfFrame(frame),
    );
    return window.success && this.#wants.take(window.data, now) ? { ...outcome, want: ["snapshot"] } : outcome;
  }

  /**
   * Tells the platform how this relay is, if the last time is long enough ago: its name as index, `relay` and its name as
   * blobs; spooled batches and bytes, the age of the oldest in ms, stuck ones, PubAcks since it was started and their ms
   * together as doubles.
   */
  #report(): void {
    const now = Date.now();
    if (!this.#dataset || now - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = now;
    const { messages, puback_ms_sum } = this.#figures.read();
    const oldestAt = this.#oldestAt();
    this.#dataset.writeDataPoint({
      indexes: [this.#name],
      blobs: ["relay", this.#name],
      doubles: [
        this.#spool.batches,
        this.#spool.bytes,
        oldestAt === null ? 0 : Math.max(0, now - oldestAt),
        this.#spool.stuck,
        messages,
        puback_ms_sum,
      ],
    });
  }

  /** Null also where storage throws: a figure must not be what turns an answer into an error. */
  #oldestAt(): number | null {
    try {
      return this.#spool.oldestAt();
    } catch {
      return null;
    }
  }

  #note(outcome: PublishOutcome, batches: number): void {
    this.#figures.answered(outcome, batches);
    if (outcome.kind === "acked") {
      this.#lastFailure = null;
      this.#callForDrain();
    } else if (outcome.kind !== "limited" && outcome.kind !== "gone") {
      this.#lastFailure = { reason: outcome.reason, at: Date.now() };
      logRepeated(outcome.kind, { reason: outcome.reason });
    }
  }

  async health() {
    const connected = await this.#connection.isConnected();
    const last = this.#lastFailure;
    const oldestAt = this.#spool.oldestAt();
    return {
      connected,
      refusing: last && Date.now() - last.at < REFUSING_MS ? last.reason : null,
      breaker: this.#connection.isSlow ? ("open" as const) : ("closed" as const),
      spooled_batches: this.#spool.batches,
      spooled_bytes: this.#spool.bytes,
      oldest_age_ms: oldestAt === null ? null : Math.max(0, Date.now() - oldestAt),
      stuck: this.#spool.stuck,
      spool_full: this.#spool.isFull,
    };
  }

  async figures(): Promise<RelayFigures> {
    return this.#figures.read();
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    this.#draining = true;
    let done = false;
    try {
      this.#seeToAlarm(Date.now() + ALARM_SPARE_MS);
      void this.#listing.say();
      done = await this.#drain.run(Date.now() + DRAIN_MS_MAX);
      if (!this.#mayHold) await this.#listing.say();
    } catch (error) {
      logRepeated("drain_failed", { reason: error instanceof Error ? error.name : "unknown" });
    }
    this.#draining = false;
    this.#report();
    this.#drainFailures = done ? 0 : this.#drainFailures + 1;
    if (!done) this.#drainFailedAt = Date.now();
    this.#setNextAlarm();
  }

  /** Rows and alarm are written in one turn: the runtime confirms both or neither, and no answer leaves before. */
  #takeIn(subject: Subject, frames: readonly Frame[], reason: NoPubAckReason): Refuged[] {
    const spooled: PublishOutcome = { kind: "spooled", reason };
    const full: PublishOutcome = { kind: "not_durable", reason: "spool_full" };
    try {
      const places = this.#spool.add(subject, frames, Date.now());
      this.#seeToAlarm();
      if (places.some((place) => place !== null)) this.#listing.spooled();
      return places.map((place) => ({ outcome: place ? spooled : full, place }));
    } catch (error) {
      logRepeated("spool_failed", { reason: error instanceof Error ? error.name : "unknown" });
      return frames.map(() => ({ outcome: { kind: "not_durable", reason: "spool_failed" }, place: null }));
    }
  }

  /** Whether anything is here that no stream has. */
  get #mayHold(): boolean {
    return !this.#spool.isEmpty || this.#spool.stuck > 0;
  }

  /** Sets an alarm where there should be one and is none. @param at when, ms since 1970; soon unless told otherwise */
  #seeToAlarm(at?: number): void {
    if (!this.#mayHold) return;
    if (this.#alarmAt !== null && (this.#draining || this.#isInTime(this.#alarmAt))) return;
    if (at === undefined) this.#setNextAlarm();
    else this.#setAlarm(at);
  }

  /** Neither given up by the platform, nor set for something else, later than a drain would be. */
  #isInTime(alarmAt: number): boolean {
    const now = Date.now();
    return alarmAt > now - ALARM_LOST_MS && (this.#spool.isEmpty || alarmAt <= now + this.#drainPauseMax());
  }

  /** NATS takes messages again: what waits need not wait for its pause to end. */
  #callForDrain(): void {
    if (this.#draining || this.#spool.isEmpty) return;
    const at = Math.max(Date.now(), this.#drainFailedAt + DRAIN_RECALL_MS);
    if (this.#alarmAt === null || this.#alarmAt > at) this.#setAlarm(at);
  }

  #setNextAlarm(): void {
    const soon = Date.now() + this.#drainPause();
    const stuckRetryAt = this.#spool.stuckRetryAt();
    const due = [
      this.#spool.isEmpty ? null : soon,
      stuckRetryAt === null ? null : Math.max(soon, stuckRetryAt),
      this.#listing.dueAt(),
    ].filter((at) => at !== null);
    if (due.length > 0) {
      this.#setAlarm(Math.min(...due));
    } else if (this.#alarmAt !== null) {
      this.#alarmAt = null;
      void this.ctx.storage.deleteAlarm();
    }
  }

  #setAlarm(at: number): void {
    this.#alarmAt = at;
    void this.ctx.storage.setAlarm(at);
  }

  /** Halved at random, so that relays do not come back together. */
  #drainPause(): number {
    return this.#drainPauseMax() * (0.5 + Math.random() / 2);
  }

  /** Grows with failures in a row. */
  #drainPauseMax(): number {
    return Math.min(DRAIN_PAUSE_MAX_MS, DRAIN_PAUSE_MIN_MS * 2 ** Math.min(this.#drainFailures, 16));
  }
}
