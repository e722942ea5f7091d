import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BODY_BYTES_MAX } from "#protocol/limits.ts";
import { decodeMessage, frameBytes, joinFrames, type StreamedBatch } from "#protocol/message.ts";
import { SUBJECT_ANALYTICS, SUBJECT_RRWEB } from "#protocol/subject.ts";
import { envelopeOf, frameOf, inFreshObject } from "../test/edge.ts";
import { type Place, ROW_BYTES_MAX, Spool, type SpooledUnit } from "./spool.ts";

const PLENTY = 100_000_000;
const NOON = 1_700_000_000_000;

function batchOf(seq: number, bytes = 100): StreamedBatch {
  const body = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at++) body[at] = (at * 31 + seq) & 255;
  return { envelope: envelopeOf({ seq }), body };
}

function decode({ batches, frames }: SpooledUnit): StreamedBatch[] {
  const message = decodeMessage(joinFrames(batches, [frames as Uint8Array]));
  if (!message.ok) throw new Error(message.reason);
  return message.batches.map((batch) => {
    if (!batch.ok) throw new Error(batch.reason);
    return batch;
  });
}

/** As recorders send it where they have not compressed it. */
function plainBatchOf(seq: number): StreamedBatch {
  const event = { type: 3, data: { source: 1, positions: [{ x: seq, y: 7, id: 12, timeOffset: 0 }] }, timestamp: NOON };
  return { envelope: envelopeOf({ seq }), body: new TextEncoder().encode(JSON.stringify([event, event])) };
}

/** All that can be read, as a drain reads it. */
function readAll(spool: Spool, bytesMax = 1_000): SpooledUnit[] {
  const all: SpooledUnit[] = [];
  for (let after = 0; ; ) {
    const group = spool.read(after, bytesMax, bytesMax / 2);
    const last = group.at(-1);
    if (!last) return all;
    all.push(...group);
    after = last.id;
  }
}

const seqs = (units: SpooledUnit[]) => units.flatMap(decode).map(({ envelope }) => envelope.seq);

function added(spool: Spool, batch: StreamedBatch, now = NOON): Place {
  const [place] = spool.add(SUBJECT_RRWEB, [frameOf(batch)], now);
  if (!place) throw new Error("the spool is full");
  return place;
}

/** No local runtime has the gate. What it does on the platform is told by how often storage is written to. */
function countWrites(storage: DurableObjectStorage): { watched: DurableObjectStorage; writes: () => number } {
  let writes = 0;
  const watched = new Proxy(storage, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name === "transactionSync") writes++;
      return member.bind(target);
    },
  });
  return { watched, writes: () => writes };
}

describe("the spool", () => {
  it("gives back what it took in, oldest first, and says that it was spooled", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      for (const seq of [3, 1, 2]) added(spool, batchOf(seq), NOON + seq);
      const batches = readAll(spool).flatMap(decode);
      expect(batches.map(({ envelope }) => envelope)).toEqual(
        [3, 1, 2].map((seq) => envelopeOf({ seq, durable: "spool" })),
      );
      expect(batches.map(({ body }) => [...body])).toEqual([3, 1, 2].map((seq) => [...batchOf(seq).body]));
      expect([spool.batches, spool.oldestAt()]).toEqual([3, NOON + 3]);
    }));

  it("cuts a body of the largest size into rows that the platform takes, and puts it together again", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      const batch = batchOf(1, BODY_BYTES_MAX);
      expect(added(spool, batch).rows).toBe(3);
      const { largest } = storage.sql.exec<{ largest: number }>("SELECT max(length(data)) AS largest FROM spool").one();
      // What SQLite stores beside the bytes: a header and four integers, at most nine bytes each.
      expect(largest + 5 * 9 + 4 * 9).toBeLessThan(ROW_BYTES_MAX);
      const [read] = readAll(new Spool(storage, PLENTY)) as [SpooledUnit];
      expect(decode(read)[0]?.body).toEqual(batch.body);
      spool.remove(read);
      spool.flush();
      expect(storage.sql.exec("SELECT id FROM spool").toArray()).toEqual([]);
    }));

  it("reads groups of bounded size, and what is larger alone", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      for (const [seq, bytes] of [1, 1, 9_000, 1, 1, 1].entries()) added(spool, batchOf(seq, bytes));
      const { bytes } = spool.read(0, 10_000, 5_000)[0] as SpooledUnit;
      const groups: number[][] = [];
      for (let after = 0; ; ) {
        const group = spool.read(after, 2 * bytes + 10, 2 * bytes);
        if (group.length === 0) break;
        groups.push(seqs(group));
        after = (group.at(-1) as SpooledUnit).id;
      }
      expect(groups).toEqual([[0, 1], [2], [3, 4], [5]]);
    }));

  it("reads together only what goes to one subject, each in its place", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      const subjects = [SUBJECT_RRWEB, SUBJECT_RRWEB, SUBJECT_ANALYTICS, SUBJECT_RRWEB];
      for (const [seq, subject] of subjects.entries()) spool.add(subject, [frameOf(batchOf(seq))], NOON);
      const groups: [string | undefined, number[]][] = [];
      for (let after = 0; ; ) {
        const group = spool.read(after, 1_000_000, 1_000_000);
        if (group.length === 0) break;
        groups.push([group[0]?.subject, seqs(group)]);
        after = (group.at(-1) as SpooledUnit).id;
      }
      expect(groups).toEqual([
        [SUBJECT_RRWEB, [0, 1]],
        [SUBJECT_ANALYTICS, [2]],
        [SUBJECT_RRWEB, [3]],
      ]);
    }));

  it("refuses what is over its bytes, keeps what it has, and takes again when there is room", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, 1_500);
      const first = added(spool, batchOf(1, 600));
      const frames = [batchOf(2, 1_000), batchOf(3, 1)].map(frameOf);
      expect(spool.isFull).toBe(false);
      expect(spool.add(SUBJECT_RRWEB, frames, NOON)).toEqual([null, { id: 2, rows: 1 }]);
      // Nearly: but who was refused shall not read that there is room.
      expect(spool.isFull).toBe(true);
      expect(seqs(readAll(spool))).toEqual([1, 3]);
      spool.remove(first);
      spool.flush();
      expect(spool.isFull).toBe(false);
      added(spool, batchOf(4, 600));
      expect(seqs(readAll(spool))).toEqual([3, 4]);
      expect(new Spool(storage, 100).isFull).toBe(true);
    }));

  it.each([50, 300, 1_500])(
    "packs %i plain batches in one row, counts them by what they were, and gives them back",
    (count) =>
      inFreshObject(({ storage }) => {
        const spool = new Spool(storage, PLENTY);
        const batches = Array.from({ length: count }, (_, seq) => plainBatchOf(seq));
        const places = spool.add(SUBJECT_RRWEB, batches.map(frameOf), NOON);
        expect(new Set(places)).toEqual(new Set([{ id: 1, rows: 1 }]));
        const stored = storage.sql.exec<{ bytes: number }>("SELECT length(data) AS bytes FROM spool").one().bytes;
        expect(stored).toBeLessThan(spool.bytes / 5);
        expect(spool.bytes).toBe(batches.map(frameOf).reduce((sum, frame) => sum + frameBytes(frame), 0));
        const life = new Spool(storage, PLENTY);
        expect([life.batches, life.bytes]).toEqual([count, spool.bytes]);
        const [unit] = readAll(life, 1_000_000) as [SpooledUnit];
        expect(decode(unit)).toEqual(
          batches.map(({ envelope, body }) => ({ ok: true, envelope: { ...envelope, durable: "spool" }, body })),
        );
        storage.sql.exec("UPDATE spool SET data = substr(data, 1, length(data) - 9)");
        expect(readAll(life, 1_000_000)).toMatchObject([{ batches: count, frames: null }]);
      }),
  );

  it("stores as it is what is plain and does not pack", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      const body = new Uint8Array(500_000);
      for (let at = 0; at < body.byteLength; at += 50_000) crypto.getRandomValues(body.subarray(at, at + 50_000));
      body[0] = "[".charCodeAt(0);
      added(spool, { envelope: envelopeOf({ seq: 1 }), body });
      const [unit] = readAll(new Spool(storage, PLENTY), 1_000_000) as [SpooledUnit];
      expect(decode(unit)[0]?.body).toEqual(body);
    }));

  it("has what a version without units left, a batch a row", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      for (const seq of [1, 2]) added(spool, batchOf(seq));
      added(spool, batchOf(3, BODY_BYTES_MAX));
      for (const column of ["batches", "is_packed"]) {
        for (const table of ["spool", "stuck"]) storage.sql.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`);
      }
      storage.sql.exec("UPDATE spool_state SET version = 2");
      const upgraded = new Spool(storage, PLENTY);
      expect([upgraded.batches, upgraded.bytes, seqs(readAll(upgraded))]).toEqual([3, spool.bytes, [1, 2, 3]]);
      for (const unit of readAll(upgraded)) upgraded.remove(unit);
      upgraded.flush();
      expect([upgraded.batches, upgraded.bytes]).toEqual([0, 0]);
    }));

  it("splits a unit that is too large as a whole into its batches, and loses none", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      spool.add(
        SUBJECT_ANALYTICS,
        Array.from({ length: 20 }, (_, seq) => frameOf(plainBatchOf(seq))),
        NOON,
      );
      added(spool, batchOf(20), NOON + 1);
      const { batches, bytes } = spool;
      const [unit] = spool.read(0, 1, 1) as [SpooledUnit];
      spool.split(unit);
      for (const life of [spool, new Spool(storage, PLENTY)]) {
        expect([life.batches, life.bytes]).toEqual([batches, bytes]);
        const units = readAll(life);
        expect(units.map((one) => one.batches)).toEqual(Array(21).fill(1));
        expect(seqs(units)).toEqual([20, ...Array(20).keys()]);
        expect(units.at(-1)?.subject).toBe(SUBJECT_ANALYTICS);
      }
      expect(storage.sql.exec("SELECT min(spooled_at) AS at FROM spool WHERE id > 2").one().at).toBe(NOON);
    }));

  it("has nothing of batches whose write failed in the middle", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      added(spool, batchOf(1));
      // A row in the way of the second's last, as no other spool but a stale twin could put there.
      storage.sql.exec("INSERT INTO spool (id, rows, bytes, spooled_at, data) VALUES (3, 0, 0, 0, x'00')");
      const frames = [batchOf(2), batchOf(3, BODY_BYTES_MAX)].map(frameOf);
      expect(() => spool.add(SUBJECT_RRWEB, frames, NOON)).toThrow();
      expect(storage.sql.exec("SELECT id FROM spool").toArray()).toEqual([{ id: 1 }, { id: 3 }]);
      expect(spool.batches).toBe(1);
    }));

  it("does not give an id twice, so that what comes late for one batch removes no other", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      const gone = added(spool, batchOf(1));
      spool.remove(gone);
      spool.flush();
      const restarted = new Spool(storage, PLENTY);
      added(restarted, batchOf(2));
      restarted.remove(gone);
      restarted.flush();
      expect(seqs(readAll(restarted))).toEqual([2]);
    }));

  it("moves what is stuck out of the way, counts it, and has it ready when it is due", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      added(spool, batchOf(1, BODY_BYTES_MAX));
      added(spool, batchOf(2));
      const [stuck] = spool.read(0, 1_000, 500) as [SpooledUnit];
      spool.setAside(stuck, "message_too_large", NOON + 10);
      for (const life of [spool, new Spool(storage, PLENTY)]) {
        expect(seqs(readAll(life))).toEqual([2]);
        expect([life.batches, life.stuck, life.stuckRetryAt()]).toEqual([1, 1, NOON + 10]);
        expect(life.stuckDue(NOON + 9)).toBeNull();
        expect(decode(life.stuckDue(NOON + 10) as SpooledUnit)[0]?.body.byteLength).toBe(BODY_BYTES_MAX);
      }
      spool.postponeStuck(stuck, NOON + 20);
      expect(spool.stuckDue(NOON + 10)).toBeNull();
      spool.removeStuck(stuck);
      expect([spool.stuck, spool.stuckRetryAt()]).toEqual([0, null]);
    }));

  it("is written to once for 256 batches that leave it: behind each write the output gate holds live answers", () =>
    inFreshObject(({ storage }) => {
      const { watched, writes } = countWrites(storage);
      const spool = new Spool(watched, PLENTY);
      const places = Array.from({ length: 600 }, (_, seq) => added(spool, batchOf(seq)));
      const before = writes();
      for (const place of places) spool.remove(place);
      spool.flush();
      expect([writes() - before, spool.batches]).toEqual([3, 0]);
    }));

  it("gives a frame that is not whole as none", () =>
    inFreshObject(({ storage }) => {
      const spool = new Spool(storage, PLENTY);
      added(spool, batchOf(1, BODY_BYTES_MAX));
      storage.sql.exec("DELETE FROM spool WHERE id = 2");
      expect(spool.read(0, 1_000, 500)).toMatchObject([{ id: 1, frames: null }]);
    }));

  it("refuses a storage of a newer version", () =>
    inFreshObject(({ storage }) => {
      new Spool(storage, PLENTY);
      storage.sql.exec("UPDATE spool_state SET version = 99");
      expect(() => new Spool(storage, PLENTY)).toThrow(/version 99/);
    }));
});

describe("whatever happens to it", () => {
  const add = fc.record({
    kind: fc.constant("add" as const),
    units: fc.integer({ min: 1, max: 300 }),
    batches: fc.integer({ min: 1, max: 20 }),
  });
  const operation = fc.oneof(
    { weight: 5, arbitrary: add },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("ack" as const), nth: fc.nat(), count: fc.nat(300) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("stick" as const), nth: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("split" as const), nth: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("hold" as const), nth: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("flush" as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  );

  /**
   * What the spool should be: `there` in the storage, as the seqs of each unit by its id, of which `acked` are to be removed
   * and `held` are not to be read.
   */
  class Model {
    there = new Map<number, number[]>();
    acked = new Set<number>();
    held = new Set<number>();
    stuck = 0;
    nextSeq = 0;
    nextId = 1;

    put(seqs: number[]): void {
      this.there.set(this.nextId++, seqs);
    }
    take(id: number): number[] {
      const seqs = this.there.get(id) ?? [];
      this.there.delete(id);
      return seqs;
    }
    readable(): number[] {
      return [...this.there.keys()].filter((id) => !this.held.has(id) && !this.acked.has(id));
    }
    /** The unit that an operation is about, if there is any. */
    nth(index: number): number | undefined {
      const readable = this.readable();
      return readable[index % Math.max(1, readable.length)];
    }
    flushed(): void {
      for (const id of this.acked) this.there.delete(id);
      this.acked.clear();
    }
    get batches(): number {
      return [...this.there.values()].flat().length;
    }
  }

  it("holds what it took in and nobody acknowledged, in order, and counts it right", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 10 }), (operations) =>
        inFreshObject(({ storage }) => {
          let spool = new Spool(storage, PLENTY);
          const model = new Model();
          const placeOf = (id: number): Place => ({ id, rows: 1 });
          for (const step of operations) {
            if (step.kind === "add") {
              for (let i = 0; i < step.units; i++) {
                const seqs = Array.from({ length: step.batches }, () => model.nextSeq++);
                const batches = seqs.map((seq) => (seq % 3 > 0 ? plainBatchOf(seq) : batchOf(seq, seq % 50)));
                const places = spool.add(SUBJECT_RRWEB, batches.map(frameOf), NOON);
                expect(new Set(places)).toEqual(new Set([placeOf(model.nextId)]));
                model.put(seqs);
              }
            } else if (step.kind === "ack") {
              for (let i = 0; i < step.count; i++) {
                const id = model.nth(step.nth);
                if (id === undefined) break;
                spool.remove(placeOf(id));
                model.acked.add(id);
                if (model.acked.size === 256) model.flushed();
              }
            } else if (step.kind === "stick") {
              const id = model.nth(step.nth);
              if (id === undefined) continue;
              spool.setAside(placeOf(id), "refused", NOON);
              model.stuck += model.take(id).length;
            } else if (step.kind === "split") {
              const id = model.nth(step.nth);
              if (id === undefined) continue;
              spool.split(spool.read(id - 1, 1, 1)[0] as SpooledUnit);
              for (const seq of model.take(id)) model.put([seq]);
            } else if (step.kind === "hold") {
              const id = model.nth(step.nth);
              if (id === undefined) continue;
              spool.hold(placeOf(id));
              model.held.add(id);
            } else if (step.kind === "flush") {
              spool.flush();
              model.flushed();
            } else {
              // What was not removed yet is there again, and will be published a second time.
              spool = new Spool(storage, PLENTY);
              model.acked.clear();
              model.held.clear();
            }
            expect([spool.batches, spool.stuck]).toEqual([model.batches, model.stuck]);
          }
          const readable = model.readable().flatMap((id) => model.there.get(id) ?? []);
          expect(seqs(readAll(spool, 100_000))).toEqual(readable);
          const { bytes } = storage.sql
            .exec<{ bytes: number }>("SELECT coalesce(sum(bytes), 0) AS bytes FROM spool")
            .one();
          expect(spool.bytes).toBe(bytes);
        }),
      ),
      { numRuns: 40 },
    );
  });
});
