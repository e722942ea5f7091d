/**
 * How much of its monthly quotas a project has used. A session counts for the UTC month it began in, by the edge's clock
 * (its claim), once it has a loaded batch, and with all bytes of its events (inflated, each batch once): a session over
 * midnight of the last day belongs to the old month.
 */
import type { Logger } from "pino";
import type { Sql } from "#core/store/postgres/client.ts";

export interface Use {
  sessions: number;
  bytes: number;
}

/** A UTC month, ms since 1970: from its first moment to the next one's. */
export interface Month {
  from: number;
  to: number;
}

export function utcMonth(at: number): Month {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { from: Date.UTC(year, month), to: Date.UTC(year, month + 1) };
}

/** Every isolate of the edge asks for each of its keys every 20 to 30 s; a quota may be passed by what comes within these. */
const REMEMBERED_MS = 15_000;

/** A sum that took long is remembered for longer, so that a project's counting never takes more than a twentieth of the time. */
const REMEMBERED_PER_COUNTING_MS = 20;

/** A key waits no longer for its sum: the edge gives the core a second by default. */
const COUNT_WAIT_MS = 300;

interface Remembered extends Use {
  month: number;
  until: number;
}

/** Remembers the sums of this process, one a project. */
export class MonthlyUse {
  readonly #sql: Sql;
  readonly #log: Logger;
  readonly #clock: () => number;
  readonly #waitMs: number;
  readonly #remembered = new Map<number, Remembered>();
  readonly #counting = new Map<number, Promise<void>>();

  /** @param clock ms since 1970 */
  constructor(sql: Sql, log: Logger, clock: () => number = Date.now, waitMs = COUNT_WAIT_MS) {
    this.#sql = sql;
    this.#log = log;
    this.#clock = clock;
    this.#waitMs = waitMs;
  }

  /**
   * What was used of the present month. Where it cannot be counted in time, the last sum stands, or null where there is
   * none: a slow count must neither hold up a key nor refuse what may be within its quota. It goes on by itself.
   */
  async of(projectId: number): Promise<{ month: Month; use: Use | null }> {
    const now = this.#clock();
    const month = utcMonth(now);
    const known = () => {
      const found = this.#remembered.get(projectId);
      return found?.month === month.from ? found : null;
    };
    if ((known()?.until ?? 0) <= now) await within(this.#waitMs, this.#count(projectId, month));
    return { month, use: known() };
  }

  /** One count of a project at a time, however many ask. */
  #count(projectId: number, month: Month): Promise<void> {
    const underWay = this.#counting.get(projectId);
    if (underWay !== undefined) return underWay;
    const began = performance.now();
    const counting = countUse(this.#sql, projectId, month)
      .then((use) => {
        const took = performance.now() - began;
        const until = this.#clock() + Math.max(REMEMBERED_MS, took * REMEMBERED_PER_COUNTING_MS);
        this.#remembered.set(projectId, { ...use, month: month.from, until });
      })
      .catch((error: unknown) => this.#log.warn({ project_id: projectId, error: String(error) }, "use_not_counted"))
      .finally(() => this.#counting.delete(projectId));
    this.#counting.set(projectId, counting);
    return counting;
  }
}

async function countUse(sql: Sql, projectId: number, { from, to }: Month): Promise<Use> {
  const [use] = await sql<[Use]>`
    SELECT count(*)::float8 AS sessions, coalesce(sum(events_bytes), 0)::float8 AS bytes
    FROM sessions_meta
    WHERE project_id = ${projectId} AND batch_count > 0
      AND first_received_at >= ${new Date(from)} AND first_received_at < ${new Date(to)}`;
  return use;
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
