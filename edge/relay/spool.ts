/**
 * Batches that got their 202 and no PubAck, in the Durable Object's SQLite.
 *
 * - What is in is never dropped, at whatever age: limits hold at admission only.
 * - Batches that come together lie together, as a unit, and leave together. Deflated if most of it is plain, since each
 *   page is written twice: packing ten kilobytes of events costs half of what storing them as they are does.
 * - A unit is one row, or as many as its size asks for, with ids that follow one another; its first row has `rows`,
 *   `batches` and `bytes` of them all, as they were before they were packed: what is admitted does not hang on how well it
 *   packs. Ids grow for ever, so oldest first is lowest first, and a late PubAck deletes no other's row.
 * - `spool_state` says of the rows up to `through` how many batches and bytes they are. Each removal writes it, and every
 *   thousandth row, so a start counts the few rows after it instead of all.
 * - Rows are removed in chunks: everything that leaves the object waits until its writes are confirmed, live PubAcks too.
 */
import { GROUP_BYTES_MAX } from "#protocol/limits.ts";
import { type Frame, frameBytes, framesIn, spooledFrames } from "#protocol/message.ts";
import { logRepeated } from "../log.ts";
import { isMostlyPlain, pack, unpack } from "./packing.ts";

/** The platform's limit of 2 MB for a row, which no local runtime enforces, less what a row holds beside its bytes. */
export const ROW_BYTES_MAX = 2_000_000;
const ROW_DATA_BYTES_MAX = ROW_BYTES_MAX - 1_024;
const CHECKPOINT_ROWS = 1_000;
const REMOVED_AT_ONCE = 256;
const REMOVED_AFTER_MS = 1_000;
const READ_AT_ONCE = 128;

/** Applied in order, each once; never changed after a release. No AUTOINCREMENT: it bills a second row a write. */
const MIGRATIONS = [
  `CREATE TABLE spool (id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
     spooled_at INTEGER NOT NULL, data BLOB NOT NULL);
   CREATE TABLE stuck (id INTEGER PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
     spooled_at INTEGER NOT NULL, reason TEXT NOT NULL, retry_at INTEGER NOT NULL, data BLOB NOT NULL);
   CREATE TABLE spool_state (version INTEGER NOT NULL, through INTEGER NOT NULL, batches INTEGER NOT NULL,
     bytes INTEGER NOT NULL);
   INSERT INTO spool_state VALUES (0, 0, 0, 0);`,
  `ALTER TABLE spool ADD COLUMN subject TEXT NOT NULL DEFAULT 'events.rrweb';
   ALTER TABLE stuck ADD COLUMN subject TEXT NOT NULL DEFAULT 'events.rrweb';`,
  `ALTER TABLE spool ADD COLUMN batches INTEGER NOT NULL DEFAULT 1;
   ALTER TABLE spool ADD COLUMN is_packed INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE stuck ADD COLUMN batches INTEGER NOT NULL DEFAULT 1;
   ALTER TABLE stuck ADD COLUMN is_packed INTEGER NOT NULL DEFAULT 0;`,
];

/** Where a unit lies: rows `id` to `id + rows - 1`. */
export interface Place {
  id: number;
  rows: number;
}

export interface SpooledUnit extends Place {
  /** On which it goes to the stream. */
  subject: string;
  batches: number;
  /** The frames of its batches, one after the other (protocol/message.ts); null when they are not whole. */
  frames: Uint8Array | null;
  bytes: number;
}

type Head = { id: number; rows: number; bytes: number; subject: string; batches: number; is_packed: number };
type Sums = { batches: number; bytes: number };
type Contents = { frames: Uint8Array; batches: number; mayPack: boolean };

const HEAD = "id, rows, bytes, subject, batches, is_packed";
const INSERT = `INSERT INTO spool (id, rows, bytes, spooled_at, data, subject, batches, is_packed)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const SUMS = "coalesce(sum((rows > 0) * batches), 0) AS batches, coalesce(sum(bytes), 0) AS bytes";

export class Spool {
  readonly #storage: DurableObjectStorage;
  readonly #bytesMax: number;
  #nextId: number;
  #sums: Sums;
  #stuck: Sums;
  /** Row ids after the last checkpoint. */
  #checkpointAt: number;
  /** First rows of batches that are not to be read: their publish is under way, or their removal is. */
  readonly #held = new Set<number>();
  #hasRefused = false;
  #removed: Place[] = [];
  #removing: ReturnType<typeof setTimeout> | null = null;

  /** @throws when storage does */
  constructor(storage: DurableObjectStorage, bytesMax: number) {
    this.#storage = storage;
    this.#bytesMax = bytesMax;
    migrate(storage);
    const state = this.#sql<Sums & { through: number }>("SELECT through, batches, bytes FROM spool_state").one();
    const since = this.#sql<Sums & { last: number }>(
      `SELECT ${SUMS}, coalesce(max(id), 0) AS last FROM spool WHERE id > ?`,
      state.through,
    ).one();
    this.#sums = { batches: state.batches + since.batches, bytes: state.bytes + since.bytes };
    this.#stuck = this.#sql<Sums>(`SELECT ${SUMS} FROM stuck`).one();
    this.#checkpointAt = state.through;
    this.#nextId = Math.max(state.through, since.last) + 1;
  }

  get isEmpty(): boolean {
    return this.#sums.batches === 0;
  }

  /** Whether it has refused a batch since it last had as much room as then. */
  get isFull(): boolean {
    return this.#hasRefused || this.#bytesHeld >= this.#bytesMax;
  }

  get batches(): number {
    return this.#sums.batches;
  }

  get bytes(): number {
    return this.#sums.bytes;
  }

  get stuck(): number {
    return this.#stuck.batches;
  }

  /** When the oldest of them came in, ms since 1970; null when there is none. */
  oldestAt(): number | null {
    const [oldest] = this.#sql<{ at: number }>("SELECT spooled_at AS at FROM spool ORDER BY id LIMIT 1").toArray();
    return oldest?.at ?? null;
  }

  /**
   * Takes batches in, as spooled. They are durable once the current turn's writes are confirmed, before which no answer leaves.
   * @returns where each lies, those of one unit in one place; null for those that there is no room for
   * @throws when storage does; then none of them is in
   */
  add(subject: string, batches: readonly Frame[], now: number): (Place | null)[] {
    const sums = { ...this.#sums };
    const units: { frames: Frame[]; bytes: number }[] = [];
    const unitOf = batches.map((batch) => {
      const bytes = frameBytes(batch);
      if (sums.bytes + this.#stuck.bytes + bytes > this.#bytesMax) {
        this.#hasRefused = true;
        return null;
      }
      sums.batches++;
      sums.bytes += bytes;
      const unit = units.at(-1);
      if (unit && unit.bytes + bytes <= GROUP_BYTES_MAX) {
        unit.frames.push(batch);
        unit.bytes += bytes;
      } else {
        units.push({ frames: [batch], bytes });
      }
      return units.length - 1;
    });
    if (units.length === 0) return unitOf.map(() => null);
    let nextId = this.#nextId;
    let isCheckpointDue = false;
    const places = this.#storage.transactionSync(() => {
      const places = units.map(({ frames }) => {
        const contents = { frames: spooledFrames(frames), batches: frames.length, mayPack: isMostlyPlain(frames) };
        const place = { id: nextId, rows: this.#insert(nextId, contents, subject, now) };
        nextId += place.rows;
        return place;
      });
      isCheckpointDue = nextId - this.#checkpointAt > CHECKPOINT_ROWS;
      if (isCheckpointDue) this.#checkpoint(nextId - 1, sums);
      return places;
    });
    if (isCheckpointDue) this.#checkpointAt = nextId - 1;
    this.#nextId = nextId;
    this.#sums = sums;
    return unitOf.map((unit) => (unit === null ? null : (places[unit] ?? null)));
  }

  /** @returns how many rows it took */
  #insert(id: number, { frames, batches, mayPack }: Contents, subject: string, spooledAt: number): number {
    const packed = mayPack ? pack(frames) : null;
    const data = packed ?? frames;
    const rows = Math.ceil(data.byteLength / ROW_DATA_BYTES_MAX);
    for (let row = 0; row < rows; row++) {
      const part = data.subarray(row * ROW_DATA_BYTES_MAX, (row + 1) * ROW_DATA_BYTES_MAX);
      const [rowsOf, bytesOf, batchesOf] = row === 0 ? [rows, frames.byteLength, batches] : [0, 0, 0];
      this.#sql(INSERT, id + row, rowsOf, bytesOf, spooledAt, part, subject, batchesOf, Number(packed !== null));
    }
    return rows;
  }

  /** Keeps a unit from being read: a publish of its batches is still under way. */
  hold({ id }: Place): void {
    this.#held.add(id);
  }

  release({ id }: Place): void {
    this.#held.delete(id);
  }

  /**
   * The oldest units after row `after`, as many as fit into `bytesMax` and may go together; the first always may.
   * @param batchBytesMax a batch of more goes alone
   */
  read(after: number, bytesMax: number, batchBytesMax: number): SpooledUnit[] {
    const heads = this.#sql<Head>(
      `SELECT ${HEAD} FROM spool WHERE id > ? AND rows > 0 ORDER BY id LIMIT ?`,
      after,
      READ_AT_ONCE + this.#held.size,
    ).toArray();
    const chosen: Head[] = [];
    let total = 0;
    for (const head of heads) {
      if (this.#held.has(head.id)) continue;
      const goesAlone = head.batches === 1 && head.bytes > batchBytesMax;
      const fits = total + head.bytes <= bytesMax && !goesAlone && head.subject === chosen[0]?.subject;
      if (chosen.length > 0 && !fits) break;
      chosen.push(head);
      total += head.bytes;
      if (goesAlone) break;
    }
    return chosen.map((head) => this.#load("spool", head));
  }

  /** Its PubAck is there. It leaves the storage with others, within a second. */
  remove(place: Place): void {
    this.#held.add(place.id);
    this.#removed.push(place);
    if (this.#removed.length >= REMOVED_AT_ONCE) this.flush();
    this.#removing ??= setTimeout(() => this.flush(), REMOVED_AFTER_MS);
  }

  /** Removes now what is to be removed. Where storage throws it stays to be removed, and is not read meanwhile. */
  flush(): void {
    if (this.#removing) clearTimeout(this.#removing);
    this.#removing = null;
    const places = this.#removed;
    if (places.length === 0) return;
    try {
      this.#deleted(this.#storage.transactionSync(() => this.#delete(places)));
    } catch (error) {
      logRepeated("spool_removal_failed", { reason: error instanceof Error ? error.name : "unknown" });
      return;
    }
    this.#removed = [];
    for (const place of places) this.#held.delete(place.id);
  }

  /** Makes units of a unit's batches, the last in the spool: together they are more than NATS takes. */
  split({ id, rows, subject, frames }: SpooledUnit): void {
    const batches = (frames && framesIn(frames)) ?? [];
    const { at } = this.#sql<{ at: number }>("SELECT spooled_at AS at FROM spool WHERE id = ?", id).one();
    const before = this.#nextId;
    const sums = { ...this.#sums };
    try {
      const left = this.#storage.transactionSync(() => {
        for (const batch of batches) {
          this.#nextId += this.#insert(this.#nextId, { frames: batch, batches: 1, mayPack: false }, subject, at);
          sums.batches++;
          sums.bytes += batch.byteLength;
        }
        return this.#delete([{ id, rows }], sums);
      });
      this.#deleted(left);
    } catch (error) {
      this.#nextId = before;
      throw error;
    }
  }

  /** Moves a unit that NATS refuses for ever out of the way of the others. */
  setAside({ id, rows }: Place, reason: string, retryAt: number): void {
    const left = this.#storage.transactionSync(() => {
      this.#sql(
        `INSERT INTO stuck (id, rows, bytes, spooled_at, reason, retry_at, data, subject, batches, is_packed)
         SELECT id, rows, bytes, spooled_at, ?, ?, data, subject, batches, is_packed FROM spool WHERE id BETWEEN ? AND ?`,
        reason,
        retryAt,
        id,
        id + rows - 1,
      );
      return this.#delete([{ id, rows }]);
    });
    this.#deleted(left);
    this.#stuck = this.#sql<Sums>(`SELECT ${SUMS} FROM stuck`).one();
  }

  /** When the next stuck unit is to be tried, ms since 1970; null when none is stuck. */
  stuckRetryAt(): number | null {
    if (this.stuck === 0) return null;
    return this.#sql<{ at: number }>("SELECT min(retry_at) AS at FROM stuck").one().at;
  }

  stuckDue(now: number): SpooledUnit | null {
    const [head] = this.#sql<Head>(
      `SELECT ${HEAD} FROM stuck WHERE retry_at <= ? AND rows > 0 ORDER BY retry_at, id LIMIT 1`,
      now,
    ).toArray();
    return head ? this.#load("stuck", head) : null;
  }

  postponeStuck({ id, rows }: Place, retryAt: number): void {
    this.#sql("UPDATE stuck SET retry_at = ? WHERE id BETWEEN ? AND ?", retryAt, id, id + rows - 1);
  }

  removeStuck({ id, rows }: Place): void {
    this.#sql("DELETE FROM stuck WHERE id BETWEEN ? AND ?", id, id + rows - 1);
    this.#stuck = this.#sql<Sums>(`SELECT ${SUMS} FROM stuck`).one();
  }

  get #bytesHeld(): number {
    return this.#sums.bytes + this.#stuck.bytes;
  }

  #load(table: "spool" | "stuck", { id, rows, bytes, subject, batches, is_packed }: Head): SpooledUnit {
    const parts = this.#sql<{ data: ArrayBuffer }>(
      `SELECT data FROM ${table} WHERE id BETWEEN ? AND ? ORDER BY id`,
      id,
      id + rows - 1,
    ).toArray();
    const data = concat(parts.map(({ data }) => new Uint8Array(data)));
    const frames = is_packed ? unpack(data, bytes) : data;
    const isWhole = frames !== null && framesIn(frames)?.length === batches;
    return { id, rows, bytes, subject, batches, frames: isWhole ? frames : null };
  }

  /**
   * In a transaction. Counts what was there, so that removing twice is removing once.
   * @param before what the spool holds
   * @returns what it holds then
   */
  #delete(places: readonly Place[], before = this.#sums): Sums {
    const sums = { ...before };
    for (const { first, last } of runsOf(places)) {
      const cursor = this.#sql<Pick<Head, "rows" | "bytes" | "batches">>(
        "DELETE FROM spool WHERE id BETWEEN ? AND ? RETURNING rows, bytes, batches",
        first,
        last,
      );
      for (const { rows, bytes, batches } of cursor) {
        if (rows > 0) sums.batches -= batches;
        sums.bytes -= bytes;
      }
    }
    this.#checkpoint(this.#nextId - 1, sums);
    return sums;
  }

  /** After the transaction: what it did not do must not be counted. */
  #deleted(left: Sums): void {
    this.#sums = left;
    this.#hasRefused = false;
    this.#checkpointAt = this.#nextId - 1;
  }

  #checkpoint(through: number, { batches, bytes }: Sums): void {
    this.#sql("UPDATE spool_state SET through = ?, batches = ?, bytes = ?", through, batches, bytes);
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: unknown[]): SqlStorageCursor<Row> {
    return this.#storage.sql.exec<Row>(statement, ...values);
  }
}

function migrate(storage: DurableObjectStorage): void {
  const { sql } = storage;
  const known = sql.exec("SELECT 1 FROM sqlite_schema WHERE name = 'spool_state'").toArray().length > 0;
  const version = known ? sql.exec<{ version: number }>("SELECT version FROM spool_state").one().version : 0;
  if (version > MIGRATIONS.length) throw new Error(`the spool is of version ${version}, newer than this relay`);
  if (version === MIGRATIONS.length) return;
  storage.transactionSync(() => {
    for (const migration of MIGRATIONS.slice(version)) sql.exec(migration);
    sql.exec("UPDATE spool_state SET version = ?", MIGRATIONS.length);
  });
}

/** Rows that follow one another leave in one statement. */
function runsOf(places: readonly Place[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const { id, rows } of places.toSorted((one, other) => one.id - other.id)) {
    const run = runs.at(-1);
    if (run && id <= run.last + 1) run.last = Math.max(run.last, id + rows - 1);
    else runs.push({ first: id, last: id + rows - 1 });
  }
  return runs;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
