/**
 * Messages under which something goes wrong again and again: workers die, or an engine that answers to others will not
 * take them. After two tries in the company of others such a message is tried alone, so that the others are not held up
 * and nothing but itself can be why it fails. From the sixth try on its batches are tried one by one, each with tries of
 * its own; at the tenth a batch becomes a dead letter, and its neighbours do not go with it.
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
/** What a message may fail, in company and alone, until its batches are tried one by one. */
const TRIES_AS_ONE = 5;
const TRIES_MAX = 10;

/** Why it is dead: its tries are used up. */
export const TRIES_REASON = "tries_used_up";

export class Suspects {
  readonly #sql: Sql;
  /** Which this worker has tried alone and not settled, with what is written down of each: its own tries, and its batches'. */
  readonly #tried = new Map<Delivery, { message: Buffer; batches: Map<number, Buffer> }>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Writes down that a try of a message begins. @returns whether of all of it, or of its batches one by one */
  async beginTry(delivery: Delivery): Promise<{ apart: boolean } | Held> {
    try {
      const tries = TRIES_IN_COMPANY + (await noteTry(this.#sql, this.#of(delivery).message));
      return { apart: tries > TRIES_AS_ONE };
    } catch (error) {
      return held("postgres", error);
    }
  }

  /**
   * Writes down that a try of one of its batches begins.
   * @param place of the batch in its message
   * @returns why there is none, or null
   */
  async beginBatch(delivery: Delivery, place: number): Promise<{ sentence: Dead | null } | Held> {
    const { message, batches } = this.#of(delivery);
    const batch = batches.get(place) ?? createHash("sha256").update(message).update(String(place)).digest();
    batches.set(place, batch);
    try {
      const tries = TRIES_AS_ONE + (await noteTry(this.#sql, batch));
      return { sentence: tries >= TRIES_MAX ? dead(TRIES_REASON, `${TRIES_MAX}`) : null };
    } catch (error) {
      return held("postgres", error);
    }
  }

  /** An engine is away. Where that is Postgres itself the try counts; there are others. */
  async forgive(delivery: Delivery, place?: number): Promise<void> {
    const { message, batches } = this.#of(delivery);
    const tried = place === undefined ? message : batches.get(place);
    if (tried) await forgiveTry(this.#sql, tried).catch(() => undefined);
  }

  /** A batch is loaded: should its message come again, because of another one, this one has failed nothing. */
  async loaded(delivery: Delivery, place: number): Promise<void> {
    const { batches } = this.#of(delivery);
    const batch = batches.get(place);
    batches.delete(place);
    if (batch) await clearSuspects(this.#sql, [batch]).catch(() => undefined);
  }

  /** The message is settled. What cannot be cleared now is of no harm: the message does not come again. */
  async settled(delivery: Delivery): Promise<void> {
    const { message, batches } = this.#of(delivery);
    this.#tried.delete(delivery);
    await clearSuspects(this.#sql, [message, ...batches.values()]).catch(() => undefined);
  }

  #of(delivery: Delivery) {
    const known = this.#tried.get(delivery);
    if (known) return known;
    const tried = { message: createHash("sha256").update(delivery.data).digest(), batches: new Map<number, Buffer>() };
    this.#tried.set(delivery, tried);
    return tried;
  }
}
