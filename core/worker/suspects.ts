/**
 * Messages under which something goes wrong again and again: workers die, or an engine that answers to others will not
 * take them. After two tries in the company of others such a message is tried alone, so that the others are not held up
 * and nothing but itself can be why it fails; at its tenth try its batches become dead letters.
 *
 * What counts is tries, not deliveries: a message that lay in the hands of a worker that died of something else, or that
 * waited for an engine which was away, has not been tried. So each try alone is written down in Postgres before it
 * begins, and taken back where the engine was away.
 */
import { createHash } from "node:crypto";
import type { Sql } from "#core/store/postgres/client.ts";
import { clearSuspects, forgiveTry, noteTry } from "#core/store/postgres/suspects.ts";
import type { Delivery } from "./consume.ts";
import { type Dead, dead, type Held, held } from "./verdict.ts";

/** What may fail in a lot of several messages until each is tried alone. */
export const TRIES_IN_COMPANY = 2;
const TRIES_MAX = 10;

/** Why it is dead: its tries are used up. */
export const TRIES_REASON = "tries_used_up";

export class Suspects {
  readonly #sql: Sql;
  /** Which this worker has tried alone and not settled. */
  readonly #tried = new Map<Delivery, Buffer>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Writes down that a try begins. @returns why there is none, or null */
  async beginTry(delivery: Delivery): Promise<Dead | Held | "try"> {
    const message = this.#tried.get(delivery) ?? createHash("sha256").update(delivery.data).digest();
    this.#tried.set(delivery, message);
    try {
      const tries = TRIES_IN_COMPANY + (await noteTry(this.#sql, message));
      return tries >= TRIES_MAX ? dead(TRIES_REASON, `${TRIES_MAX}`) : "try";
    } catch (error) {
      return held("postgres", error);
    }
  }

  /** An engine is away. Where that is Postgres itself the try counts; there are others. */
  async forgive(delivery: Delivery): Promise<void> {
    const message = this.#tried.get(delivery);
    if (message) await forgiveTry(this.#sql, message).catch(() => undefined);
  }

  /** The message is settled. What cannot be cleared now is of no harm: the message does not come again. */
  async settled(delivery: Delivery): Promise<void> {
    const message = this.#tried.get(delivery);
    this.#tried.delete(delivery);
    if (message) await clearSuspects(this.#sql, message).catch(() => undefined);
  }
}
