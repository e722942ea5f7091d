import { GROUP_BYTES_MAX, GROUPED_BATCH_BYTES_MAX } from "#protocol/limits.ts";
import { encodeHeader, type Frame, frameBytes, piecesOf } from "#protocol/message.ts";
import type { Connection, StreamOutcome } from "./connection.ts";
import type { NoPubAckReason, PublishOutcome } from "./interface.ts";
import type { Place } from "./spool.ts";

/** Few, so that much waits for the next: a PubAck and a disk sync for many batches. Two, so that the wire is never idle. */
const UNDER_WAY_MAX = 2;
/** What may wait in memory: an object has 128 MB, which it may share with others. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

/** Where a batch goes that gets no PubAck in time. */
export interface Refuge {
  /** @returns for each its answer, and where it lies now if it was taken in */
  spool(frames: readonly Frame[], reason: NoPubAckReason): Refuged[];
  /** Its publish is still under way: it may come to a PubAck. */
  hold(place: Place): void;
  /** It came to none. */
  release(place: Place): void;
  /** It came to one, late: so many batches have reached the stream. */
  remove(place: Place, batches: number): void;
}

export interface Refuged {
  outcome: PublishOutcome;
  place: Place | null;
}

/** What came in one request: answered when each of its batches is. */
interface Parcel {
  outcomes: PublishOutcome[];
  unanswered: number;
  answer(outcomes: PublishOutcome[]): void;
}

interface Member {
  frame: Frame;
  bytes: number;
  deadline: number;
  parcel: Parcel;
  /** Its place in the parcel. */
  index: number;
  isAnswered: boolean;
  place: Place | null;
}

/**
 * Group commit: what comes while publishes are under way waits, and goes out next, together, as one message. Each batch
 * has its own budget and its own answer. One timer serves them all, since a timer a request would be felt.
 */
export class Group {
  readonly #subject: string;
  readonly #connection: Connection;
  readonly #refuge: Refuge;
  readonly #budgetMs: number;
  #waiting: Member[] = [];
  #waitingBytes = 0;
  readonly #underWay = new Set<Member[]>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(subject: string, connection: Connection, refuge: Refuge, budgetMs: number) {
    this.#subject = subject;
    this.#connection = connection;
    this.#refuge = refuge;
    this.#budgetMs = budgetMs;
  }

  /**
   * Resolves within the budget, with one outcome a batch in their order. Never rejects.
   * @param frames of one request
   */
  publish(frames: readonly Frame[]): PublishOutcome[] | Promise<PublishOutcome[]> {
    const unavailable = this.#connection.unavailable();
    if (unavailable) return this.#refuge.spool(frames, unavailable).map(({ outcome }) => outcome);
    return new Promise((answer) => {
      const parcel: Parcel = { outcomes: [], unanswered: frames.length, answer };
      const deadline = Date.now() + this.#budgetMs;
      const tooMany: Member[] = [];
      for (const [index, frame] of frames.entries()) {
        const bytes = frameBytes(frame);
        const member = { frame, bytes, deadline, parcel, index, isAnswered: false, place: null };
        if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
          tooMany.push(member);
        } else {
          this.#waiting.push(member);
          this.#waitingBytes += bytes;
        }
      }
      this.#spool(tooMany, "relay_busy");
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
      const pieces = piecesOf(members.map(({ frame }) => frame));
      const isWhole = () => members.every(({ isAnswered }) => !isAnswered);
      const message = [encodeHeader(members.length), ...pieces];
      void this.#connection.publish(this.#subject, message, isWhole).then((outcome) => {
        this.#underWay.delete(members);
        this.#conclude(members, outcome);
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

  #conclude(members: readonly Member[], outcome: StreamOutcome): void {
    if (outcome.kind === "acked") {
      for (const member of members) settle(member, outcome);
      for (const [place, { length }] of Map.groupBy(members, ({ place }) => place)) {
        if (place) this.#refuge.remove(place, length);
      }
      return;
    }
    for (const place of placesOf(members)) this.#refuge.release(place);
    const unanswered = members.filter(({ isAnswered }) => !isAnswered);
    this.#spool(unanswered, outcome.reason);
  }

  /** Answers them by the refuge. */
  #spool(members: readonly Member[], reason: NoPubAckReason): void {
    if (members.length === 0) return;
    const refuged = this.#refuge.spool(
      members.map(({ frame }) => frame),
      reason,
    );
    for (const [i, { outcome, place }] of refuged.entries()) {
      const member = members[i] as Member;
      member.place = place;
      settle(member, outcome);
    }
  }

  /** Arms the timer for the first deadline of a batch without an answer. */
  #watch(): void {
    if (this.#timer !== null) return;
    let first = this.#waiting[0]?.deadline ?? Number.POSITIVE_INFINITY;
    for (const members of this.#underWay) {
      for (const { isAnswered, deadline } of members) if (!isAnswered) first = Math.min(first, deadline);
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
      const overdue = members.filter(({ isAnswered, deadline }) => !isAnswered && deadline <= now);
      this.#spool(overdue, "timeout");
      for (const place of placesOf(overdue)) this.#refuge.hold(place);
    }
  }

  /** The first `count` that wait were not published, and will not be from here. */
  #giveUp(count: number, reason: NoPubAckReason): void {
    const members = this.#waiting.splice(0, count);
    for (const { bytes } of members) this.#waitingBytes -= bytes;
    this.#spool(members, reason);
  }
}

/** Those that were spooled together lie in one. */
function placesOf(members: readonly Member[]): Set<Place> {
  return new Set(members.flatMap(({ place }) => place ?? []));
}

function settle(member: Member, outcome: PublishOutcome): void {
  if (member.isAnswered) return;
  member.isAnswered = true;
  const { parcel, index } = member;
  parcel.outcomes[index] = outcome;
  if (--parcel.unanswered === 0) parcel.answer(parcel.outcomes);
}
