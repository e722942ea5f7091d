import { GROUP_BYTES_MAX, GROUPED_BATCH_BYTES_MAX } from "#protocol/limits.ts";
import { encodeHead, joinFrames, type StreamedBatch } from "#protocol/message.ts";
import { SUBJECT_RRWEB } from "#protocol/subject.ts";
import type { Connection, StreamOutcome } from "./connection.ts";
import type { NoPubAckReason, PublishOutcome } from "./interface.ts";
import type { Place } from "./spool.ts";

/** Few, so that much waits for the next: a PubAck and a disk sync for many batches. Two, so that the wire is never idle. */
const UNDER_WAY_MAX = 2;
/** What may wait in memory: an object has 128 MB, which it may share with others. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

/** Where a batch goes that gets no PubAck in time. */
export interface Refuge {
  /** @returns the answer, and where the batch lies now if it was taken in */
  spool(batch: StreamedBatch, reason: NoPubAckReason): { outcome: PublishOutcome; place: Place | null };
  /** Its publish is still under way: it may come to a PubAck. */
  hold(place: Place): void;
  /** It came to none. */
  release(place: Place): void;
  /** It came to one, late. */
  remove(place: Place): void;
}

interface Member {
  batch: StreamedBatch;
  head: Uint8Array;
  bytes: number;
  deadline: number;
  /** Null once it has its answer. */
  answer: ((outcome: PublishOutcome) => void) | null;
  place: Place | null;
}

/**
 * Group commit: what comes while publishes are under way waits, and goes out next, together, as one message. Each batch
 * has its own budget and its own answer. One timer serves them all, since a timer a request would be felt.
 */
export class Group {
  readonly #connection: Connection;
  readonly #refuge: Refuge;
  readonly #budgetMs: number;
  #waiting: Member[] = [];
  #waitingBytes = 0;
  readonly #underWay = new Set<Member[]>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(connection: Connection, refuge: Refuge, budgetMs: number) {
    this.#connection = connection;
    this.#refuge = refuge;
    this.#budgetMs = budgetMs;
  }

  /** Resolves within the budget. Never rejects. */
  publish(batch: StreamedBatch): PublishOutcome | Promise<PublishOutcome> {
    const unavailable = this.#connection.unavailable();
    if (unavailable) return this.#refuge.spool(batch, unavailable).outcome;
    const head = encodeHead(batch.envelope, batch.body.byteLength);
    const bytes = head.byteLength + batch.body.byteLength;
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) return this.#refuge.spool(batch, "relay_busy").outcome;
    return new Promise((answer) => {
      this.#waiting.push({ batch, head, bytes, deadline: Date.now() + this.#budgetMs, answer, place: null });
      this.#waitingBytes += bytes;
      this.#send();
      this.#watch();
    });
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#underWay.size < UNDER_WAY_MAX) {
      const unavailable = this.#connection.unavailable();
      if (unavailable) {
        this.#giveUp(this.#waiting.length, unavailable);
        return;
      }
      const members = this.#take();
      this.#underWay.add(members);
      const message = joinFrames(
        members.length,
        members.flatMap(({ head, batch }) => [head, batch.body]),
      );
      void this.#connection.publish(SUBJECT_RRWEB, message).then((outcome) => {
        this.#underWay.delete(members);
        for (const member of members) this.#settle(member, outcome);
        this.#send();
      });
    }
  }

  /** The next message's batches, in the order in which they came. */
  #take(): Member[] {
    const bytesMax = Math.min(GROUP_BYTES_MAX, this.#connection.messageBytesMax);
    let count = 0;
    let total = 0;
    for (const { bytes } of this.#waiting) {
      const fits = bytes <= GROUPED_BATCH_BYTES_MAX && total + bytes <= bytesMax;
      if (count > 0 && !fits) break;
      count++;
      total += bytes;
      if (bytes > GROUPED_BATCH_BYTES_MAX) break;
    }
    this.#waitingBytes -= total;
    return this.#waiting.splice(0, count);
  }

  #settle(member: Member, outcome: StreamOutcome): void {
    const { answer, place } = member;
    if (outcome.kind === "acked") {
      answer?.(outcome);
      if (place) this.#refuge.remove(place);
    } else if (answer) {
      answer(this.#refuge.spool(member.batch, outcome.reason).outcome);
    } else if (place) {
      this.#refuge.release(place);
    }
    member.answer = null;
  }

  /** Arms the timer for the first deadline of a batch without an answer. */
  #watch(): void {
    if (this.#timer !== null) return;
    let first = this.#waiting[0]?.deadline ?? Number.POSITIVE_INFINITY;
    for (const members of this.#underWay) {
      for (const { answer, deadline } of members) if (answer) first = Math.min(first, deadline);
    }
    if (first === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#expire(Date.now());
        this.#watch();
      },
      Math.max(0, first - Date.now()),
    );
  }

  #expire(now: number): void {
    const late = this.#waiting.findIndex(({ deadline }) => deadline > now);
    this.#giveUp(late < 0 ? this.#waiting.length : late, "timeout");
    for (const members of this.#underWay) {
      for (const member of members) {
        if (!member.answer || member.deadline > now) continue;
        const { outcome, place } = this.#refuge.spool(member.batch, "timeout");
        if (place) this.#refuge.hold(place);
        member.place = place;
        member.answer(outcome);
        member.answer = null;
      }
    }
  }

  /** The first `count` that wait were not published, and will not be from here. */
  #giveUp(count: number, reason: NoPubAckReason): void {
    for (const { batch, bytes, answer } of this.#waiting.splice(0, count)) {
      this.#waitingBytes -= bytes;
      answer?.(this.#refuge.spool(batch, reason).outcome);
    }
  }
}
