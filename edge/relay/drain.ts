import { GROUP_BYTES_MAX, GROUPED_BATCH_BYTES_MAX } from "#protocol/limits.ts";
import { joinFrames } from "#protocol/message.ts";
import { logRepeated } from "../log.ts";
import type { Connection, StreamOutcome } from "./connection.ts";
import type { Spool, SpooledBatch } from "./spool.ts";

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
    if (!(await this.#retryStuck(until))) return false;
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
    return !failed && (after > 0 || this.#spool.isEmpty);
  }

  async #drain(group: SpooledBatch[]): Promise<boolean> {
    for (const batch of group.filter(({ frame }) => frame === null)) this.#setAside(batch, "malformed");
    const whole = group.filter(({ frame }) => frame !== null);
    const [first, ...rest] = whole;
    if (!first) return true;
    const outcome = await this.#publish([first, ...rest]);
    if (outcome.kind === "acked") {
      for (const batch of whole) this.#spool.remove(batch);
      this.#drained(whole.length);
      return true;
    }
    if (outcome.reason !== "message_too_large") return false;
    if (rest.length === 0) {
      this.#setAside(first, outcome.reason);
      return true;
    }
    // Together they are too large; which of them is, shows when each goes alone.
    for (const batch of whole) if (!(await this.#drain([batch]))) return false;
    return true;
  }

  async #retryStuck(until: number): Promise<boolean> {
    for (;;) {
      const now = Date.now();
      const batch = now < until ? this.#spool.stuckDue(now) : null;
      if (!batch) return true;
      const outcome = batch.frame ? await this.#publish([batch]) : null;
      if (outcome?.kind === "acked") {
        this.#spool.removeStuck(batch);
        this.#drained(1);
      } else if (outcome === null || outcome.reason === "message_too_large") {
        this.#spool.postponeStuck(batch, now + STUCK_RETRY_MS);
      } else {
        return false;
      }
    }
  }

  /** @param batches of one subject */
  #publish(batches: readonly [SpooledBatch, ...SpooledBatch[]]): Promise<StreamOutcome> {
    const frames = batches.flatMap(({ frame }) => frame ?? []);
    return this.#connection.publish(batches[0].subject, joinFrames(frames.length, frames));
  }

  #setAside(batch: SpooledBatch, reason: string): void {
    this.#spool.setAside(batch, reason, Date.now() + STUCK_RETRY_MS);
    logRepeated("batch_stuck", { reason });
  }
}
