/**
 * The engine, and one session a query. Sessions of one folder share the engine and cost under a millisecond, and what
 * a query sets (settings, database, parameters) ends with its own: nothing sticks, nothing needs to be undone.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RawInsertFormat, Session } from "chdb";

/** Queries that run at once; more of them wait in line. Below the size of libuv's pool, so that a KILL finds a thread. */
const RUNNING_MAX = 16;

/**
 * An insert is on disk before it is acknowledged, and so is the part that a merge makes of it: the default of tables
 * that do not say so themselves. chDB would drop a merge's sources at once, before the merged part is synced.
 */
const MERGE_TREE = {
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  min_rows_to_fsync_after_merge: 1,
  min_compressed_bytes_to_fsync_after_merge: 1,
  old_parts_lifetime: 480,
  // A part that cannot be read is not put aside in silence: its rows had their 202.
  max_suspicious_broken_parts: 0,
  max_suspicious_broken_parts_bytes: 0,
};

/**
 * Room on the disk below which no insert and no merge begins. chDB 3.4 overlooks a write for which there is no room: a
 * merge that meets the end of the disk replaces good parts by an empty one. What began above this has room to end.
 */
const KEEP_FREE_BYTES = 512 * 1024 * 1024;

/** Who may read what in the engine, and what is left without the role. */
const USERS = fileURLToPath(new URL("../../infra/clickhouse/embedded/users.xml", import.meta.url));

/** What a query runs under. */
export interface QueryContext {
  /** The engine's user is one for all; this gives up the role by which it may do more than read its project's rows. */
  restricted: boolean;
  database: string;
  settings: Record<string, string>;
  /** Values of `{name: Type}`, in ClickHouse's escaped text form. */
  parameters: Record<string, string>;
}

export interface RawRows {
  table: string;
  columns: string[] | undefined;
  format: RawInsertFormat;
  rows: Buffer;
}

export type RunningQuery = Pick<Session, "queryAsync" | "queryStream" | "insert">;

export class ClickHouseSessions {
  readonly #folder: string;
  readonly #connectionArgs: string[];
  /** Held open, for the engine closes with its last session. */
  readonly #anchor: Session;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @throws Error in the engine's words when the folder is in use or cannot be read */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const config = join(folder, "rrhog-config.xml");
    writeFileSync(config, configXml());
    this.#folder = folder;
    this.#connectionArgs = [`--config-file=${config}`, "--async_insert=0"];
    this.#anchor = this.#open();
    this.#proveWritable();
  }

  /** Runs `work` on a session of its own, set up as `context` says. `work` is over when it says so, not before. */
  async run<T>(context: QueryContext, work: (session: RunningQuery) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#running < RUNNING_MAX) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve)); // the one that leaves hands its place over
    try {
      signal?.throwIfAborted();
      const session = this.#open();
      // The comment is how a KILL finds the query: the engine gives it an id of its own.
      const comment = [context.settings.log_comment, randomUUID()].filter(Boolean).join(" ");
      const kill = () => void this.#kill(comment);
      signal?.addEventListener("abort", kill, { once: true });
      try {
        await session.queryAsync(preamble(context, comment));
        signal?.throwIfAborted();
        return await work(session);
      } finally {
        signal?.removeEventListener("abort", kill);
        session.close();
      }
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Waits for what runs, then closes the engine. */
  async close(): Promise<void> {
    while (this.#running > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    this.#anchor.close();
  }

  /** The engine opens folders that it cannot write to, and reads what is in them only when asked. */
  #proveWritable(): void {
    this.#anchor.query("CREATE OR REPLACE TABLE rrhog_probe (x UInt8) ENGINE = MergeTree ORDER BY x");
    this.#anchor.query("DROP TABLE rrhog_probe SYNC");
    this.#anchor.query("SELECT count() FROM system.tables WHERE total_rows >= 0");
  }

  /** ASYNC, for SYNC has been seen never to return. It takes no place in the line. */
  async #kill(comment: string): Promise<void> {
    try {
      const session = this.#open();
      await session.queryAsync(`KILL QUERY WHERE Settings['log_comment'] = ${literal(comment)} ASYNC`);
      session.close();
    } catch (error) {
      console.error(`cannot cancel a query: ${(error as Error).message}`);
    }
  }

  #open(): Session {
    return new Session(this.#folder, { connectionArgs: this.#connectionArgs });
  }
}

/** One SET for all, before the query itself: a stream takes a single statement. */
function preamble({ restricted, database, settings, parameters }: QueryContext, comment: string): string {
  const values = [
    ...Object.entries(settings),
    ...Object.entries(parameters).map(([name, value]) => [`param_${name}`, value] as const),
    ["log_comment", comment] as const,
  ];
  const role = restricted ? "SET ROLE NONE; " : "";
  const set = `${role}SET ${values.map(([name, value]) => `${identifier(name)} = ${literal(value)}`).join(", ")}`;
  return database === "default" ? set : `USE ${quoted(database)}; ${set}`;
}

function identifier(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new Error(`Code: 115. DB::Exception: Unknown setting '${name}'. (UNKNOWN_SETTING)`);
  return name;
}

function literal(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&").replaceAll("\0", "\\0")}'`;
}

function quoted(name: string): string {
  return `\`${name.replace(/[\\`]/g, "\\$&")}\``;
}

function configXml(): string {
  const settings = Object.entries(MERGE_TREE).map(([name, value]) => `    <${name}>${value}</${name}>`);
  const disk = `<keep_free_space_bytes>${KEEP_FREE_BYTES}</keep_free_space_bytes>`;
  return `<clickhouse>
  <users_config>${USERS}</users_config>
  <merge_tree>
${settings.join("\n")}
  </merge_tree>
  <storage_configuration><disks><default>${disk}</default></disks></storage_configuration>
</clickhouse>
`;
}
