import { describe, expect, it } from "vitest";
import { inFreshObject } from "../test/edge.ts";
import { REFRESH_MS } from "./interface.ts";
import { KnownKeys } from "./known-keys.ts";
import { migrate } from "./schema.ts";

const NOON = 1_700_000_000_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
const KEY = "a".repeat(64);

/** Keys in storage of their own, with a clock to set, and how many rows they have written. */
function withKeys(
  run: (its: { keys: KnownKeys; at: (ms: number) => void; another: () => KnownKeys; rows: () => number }) => void,
  keysMax = 100,
) {
  return inFreshObject(({ storage }) => {
    migrate(storage);
    let now = NOON;
    const another = () => new KnownKeys(storage, () => now, keysMax);
    const changes = () => storage.sql.exec<{ rows: number }>("SELECT total_changes() AS rows").one().rows;
    const before = changes();
    run({
      keys: another(),
      another,
      at: (ms) => {
        now = ms;
      },
      rows: () => changes() - before,
    });
  });
}

describe("a key", () => {
  it("is what the core last said of it", () =>
    withKeys(({ keys, at }) => {
      expect(keys.recall(KEY)).toBeNull();
      expect(keys.note(KEY, "one", NOON)).toBe(NOON);
      expect(keys.recall(KEY)).toEqual({ project: "one", saidAt: NOON });
      at(NOON + 1);
      expect(keys.note(KEY, "two", NOON + 1)).toBe(NOON + 1);
      expect(keys.recall(KEY)).toEqual({ project: "two", saidAt: NOON + 1 });
      expect(keys.note(KEY, null, NOON + 1)).toBeNull();
      expect(keys.recall(KEY)).toBeNull();
    }));

  it("costs one row when it is new, when it has changed, when an hour has passed, when it goes, and none else", () =>
    withKeys(({ keys, at, rows }) => {
      const written = (project: string | null, now: number) => {
        const before = rows();
        at(now);
        keys.note(KEY, project, now);
        return rows() - before;
      };
      expect(written(null, NOON)).toBe(0);
      expect(written("one", NOON + 1)).toBe(1);
      expect(written("one", NOON + 2)).toBe(0);
      expect(written("one", NOON + REFRESH_MS)).toBe(0);
      expect(written("one", NOON + REFRESH_MS + 1)).toBe(1);
      expect(written("two", NOON + REFRESH_MS + 2)).toBe(1);
      expect(written(null, NOON + REFRESH_MS + 3)).toBe(1);
      expect(written(null, NOON + REFRESH_MS + 4)).toBe(0);
    }));

  it("is not brought back by an isolate that heard of it before it was revoked", () =>
    withKeys(({ keys, at }) => {
      at(NOON + 10);
      keys.note(KEY, "one", NOON);
      keys.note(KEY, null, NOON + 5);
      expect(keys.note(KEY, "one", NOON + 4)).toBeNull();
      expect(keys.recall(KEY)).toBeNull();
      keys.note(KEY, "one", NOON + 6);
      expect(keys.recall(KEY)).toEqual({ project: "one", saidAt: NOON + 6 });
    }));

  it("is not brought back either when its revocation is heard of first", () =>
    withKeys(({ keys, at }) => {
      at(NOON + 10);
      keys.note(KEY, null, NOON + 5);
      keys.note(KEY, "one", NOON + 4);
      expect(keys.recall(KEY)).toBeNull();
    }));

  it("is not changed, nor taken, by what was said before", () =>
    withKeys(({ keys, at }) => {
      at(NOON + 10);
      keys.note(KEY, "new", NOON + 5);
      expect(keys.note(KEY, "old", NOON + 4)).toBe(NOON + 5);
      keys.note(KEY, null, NOON + 4);
      expect(keys.recall(KEY)).toEqual({ project: "new", saidAt: NOON + 5 });
    }));

  it("can be taken, though it was put by a clock that ran ahead", () =>
    withKeys(({ keys, at }) => {
      keys.note(KEY, "one", NOON + DAY_MS);
      expect(keys.recall(KEY)?.saidAt).toBe(NOON);
      at(NOON - DAY_MS);
      keys.note(KEY, null, NOON - DAY_MS);
      expect(keys.recall(KEY)).toBeNull();
    }));

  it("is not put when its project is larger than a row may be", () =>
    withKeys(({ keys }) => {
      expect(keys.note(KEY, "x".repeat(300_000), NOON)).toBe("too_large");
      expect(keys.recall(KEY)).toBeNull();
    }));
});

describe("the keys", () => {
  it("are so many at most, and the oldest go", () =>
    withKeys(({ keys, at, another }) => {
      const many = Array.from({ length: 20 }, (_, i) => String(i).padStart(64, "0"));
      const kept = () => many.flatMap((hash, i) => (keys.recall(hash) ? [i] : []));
      for (const [i, hash] of many.entries()) {
        at(NOON + i);
        // Another life of the object in the middle: it counts anew.
        (i < 15 ? keys : another()).note(hash, "one", NOON + i);
      }
      expect(kept()).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    }, 10));

  it("of which the core has not spoken for a day make room first", () =>
    withKeys(({ keys, at, another }) => {
      keys.note(KEY, "one", NOON);
      at(NOON + DAY_MS + 1);
      another().note("b".repeat(64), "one", NOON + DAY_MS + 1);
      expect(keys.recall(KEY)).toBeNull();
    }));
});
