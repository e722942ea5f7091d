import { GROUP_BYTES_MAX, GROUPED_BATCH_BYTES_MAX } from "#protocol/limits.ts";
import { encodeHeader } from "#protocol/message.ts";
import { logRepeated } from "../log.ts";
import type { Connection, StreamOutcome } from "./connection.ts";
import type { Spool, SpooledUnit } from "./spool.ts";

/** Messages of the spool on their way at once: live batches share the wire with them. */
const UNDER_WAY_MAX = 4;
/** What NATS refuses for ever is tried again after this: the server's configuration may have changed. */
const STUCK_RETRY_MS = 24 * 60 * 60 * 1_000;

/** Publishes what the spool holds, oldest first. Only a PubAck removes a batch. */
export class Drain {
  readonly #connection: Connection;
  readonly #spool: Spool;
  readonly #drained: (batches: number) => void;

  /** @param drained told how many batches have reached the stream */
  constructor(connection: Connection, spool: Spool, drained: (batches: number) => void) {
    this.#connection = connection;
    this.#spool = spool;
    this.#drained = drained;
  }

  /**
   * One pass over what is there.
   * @param until when it stops to begin another message, ms since 1970
   * @returns false when it met a failure, or nothing that it might publish: then it should pause for longer
   */
  async run(until: number): Promise<boolean> {
    if (!(await this.#connection.isConnected())) return false;
    this.#spool.flush();
    const underWay = new Set<Promise<void>>();
    let failed = false;
    let after = 0;
    while (!failed && Date.now() < until) {
      // One message at a time finds out whether a slow server has recovered.
      const underWayMax = this.#connection.isSlow ? 1 : UNDER_WAY_MAX;
      if (underWay.size >= underWayMax) {
        await Promise.race(underWay);
        continue;
      }
      const bytesMax = Math.min(GROUP_BYTES_MAX, this.#connection.messageBytesMax);
      const group = this.#spool.read(after, bytesMax, GROUPED_BATCH_BYTES_MAX);
      const last = group.at(-1);
      if (!last) break;
      after = last.id;
      const publish: Promise<void> = this.#drain(group)
        .then((ok) => {
          failed ||= !ok;
        })
        .finally(() => underWay.delete(publish));
      underWay.add(publish);
    }
    await Promise.all(underWay);
    this.#spool.flush();
    // Last: what was refused for ever once is the least likely to be taken now.
    return !failed && (await this.#retryStuck(until)) && (after > 0 || this.#spool.isEmpty);
  }

  async #drain(group: SpooledUnit[]): Promise<boolean> {
    for (const unit of group.filter(({ frames }) => frames === null)) this.#setAside(unit, "malformed");
    const whole = group.filter(({ frames }) => frames !== null);
    const [first, ...rest] = whole;
    if (!first) return true;
    const outcome = await this.#publish([first, ...rest]);
    if (outcome.kind === "acked") {
      for (const unit of whole) {
        this.#spool.remove(unit);
        this.#drained(unit.batches);
      }
      return true;
    }
    if (outcome.reason !== "message_too_large") return false;
    if (rest.length === 0) {
      if (first.batches > 1) this.#spool.split(first);
      else this.#setAside(first, outcome.reason);
      return true;
    }
    // Together they are too large; which of them is, shows when each goes alone.
    for (const unit of whole) if (!(await this.#drain([unit]))) return false;
    return true;
  }

  async #retryStuck(until: number): Promise<boolean> {
    for (;;) {
      const now = Date.now();
      const unit = now < until ? this.#spool.stuckDue(now) : null;
      if (!unit) return true;
      const outcome = unit.frames ? await this.#publish([unit]) : null;
      if (outcome?.kind === "acked") {
        this.#spool.removeStuck(unit);
        this.#drained(unit.batches);
      } else if (outcome === null || outcome.reason === "message_too_large") {
        this.#spool.postponeStuck(unit, now + STUCK_RETRY_MS);
      } else {
        return false;
      }
    }
  }

  /** @param units of one subject */
  #publish(units: readonly [SpooledUnit, ...SpooledUnit[]]): Promise<StreamOutcome> {
    const batches = units.reduce((sum, unit) => sum + unit.batches, 0);
    const frames = units.flatMap(({ frames }) => frames ?? []);
    return this.#connection.publish(units[0].subject, [encodeHeader(batches), ...frames]);
  }

  #setAside(unit: SpooledUnit, reason: string): void {
    this.#spool.setAside(unit, reason, Date.now() + STUCK_RETRY_MS);
    logRepeated("batch_stuck", { reason });
  }
}
