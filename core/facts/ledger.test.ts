import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LoadedAttempt, type RejectedBatch, sessionLedger, WINDOW_OPEN_MS } from "./ledger.ts";

const NOON = Date.UTC(2026, 10, 23, 12);

function attempt(seq: number, facts: Partial<LoadedAttempt> = {}): LoadedAttempt {
  return {
    window_id: "w1",
    seq,
    batch_id: `batch-${seq}`,
    received_at: NOON + seq * 1_000,
    durable: "stream",
    sealed_through: null,
    dropped: [],
    is_end: false,
    ...facts,
  };
}
const rejected = (seq: number, facts: Partial<RejectedBatch> = {}): RejectedBatch => ({
  window_id: "w1",
  seq,
  batch_id: `batch-${seq}`,
  reason: "body_truncated",
  ...facts,
});
const soon = NOON + 60_000;
const ledgerOf = (attempts: LoadedAttempt[], lost: RejectedBatch[] = [], now = soon) =>
  sessionLedger(attempts, lost, now);
const windowOf = (attempts: LoadedAttempt[], lost: RejectedBatch[] = []) => ledgerOf(attempts, lost).windows[0];

describe("the ledger of a window", () => {
  it("lists what was received as ranges, whatever the order of arrival", () => {
    expect(windowOf([attempt(2), attempt(0), attempt(1), attempt(5)])).toMatchObject({
      received: [
        [0, 2],
        [5, 5],
      ],
      missing: [[3, 4]],
    });
  });

  it("misses what was sealed and never came", () => {
    expect(windowOf([attempt(0), attempt(1, { sealed_through: 4 })])?.missing).toEqual([[2, 4]]);
  });

  it("misses the beginning", () => {
    expect(windowOf([attempt(3)])?.missing).toEqual([[0, 2]]);
  });

  it("tells dropped batches from missing ones, and leaves out those that came after all", () => {
    const dropped = [{ from: 1, to: 3, reason: "too_old" }];
    expect(windowOf([attempt(0), attempt(2), attempt(5, { dropped })])).toMatchObject({
      dropped: [
        { from: 1, to: 1, reason: "too_old" },
        { from: 3, to: 3, reason: "too_old" },
      ],
      missing: [[4, 4]],
    });
  });

  it("says a range that each envelope repeats once", () => {
    const dropped = [{ from: 1, to: 1, reason: "quota" }];
    expect(windowOf([attempt(0), attempt(2, { dropped }), attempt(3, { dropped })])?.dropped).toEqual(dropped);
  });

  it("accounts for more ranges than it tells", () => {
    const dropped = Array.from({ length: 1_500 }, (_, i) => ({ from: 2 * i, to: 2 * i, reason: "full" }));
    const window = windowOf([attempt(3_000, { dropped: dropped.slice(0, 750) }), attempt(3_001, { dropped })]);
    expect(window).toMatchObject({ dropped: dropped.slice(500), dropped_count: 1_500 });
    expect(window?.missing).toEqual(dropped.map(({ from }) => [from + 1, from + 1]));
  });

  it("bears a range of billions, and one that ends before it begins", () => {
    const dropped = [
      { from: 7, to: 3, reason: "nonsense" },
      { from: 1, to: 2 ** 32 - 2, reason: "hostile" },
    ];
    expect(windowOf([attempt(0, { dropped, sealed_through: 2 ** 32 - 1 })])?.missing).toEqual([
      [2 ** 32 - 1, 2 ** 32 - 1],
    ]);
  });

  it("lists dead letters as rejected, not as missing", () => {
    expect(windowOf([attempt(0), attempt(2)], [rejected(1)])).toMatchObject({
      rejected: [{ seq: 1, batch_id: "batch-1", reason: "body_truncated" }],
      missing: [],
    });
  });

  it("forgets a dead letter whose batch was loaded after all", () => {
    expect(windowOf([attempt(0), attempt(1)], [rejected(1)])?.rejected).toEqual([]);
  });

  it("counts attempts beyond the first as duplicates, and those that came by the spool", () => {
    const again = attempt(0, { received_at: NOON + 99_000, durable: "spool" });
    expect(windowOf([attempt(0), again, attempt(1)])).toMatchObject({
      duplicates: 1,
      spooled: 1,
      conflicts: [],
      last_received_at: new Date(NOON + 99_000).toISOString(),
    });
  });

  it("shows two batches under one seq as a conflict, the first received first", () => {
    const late = attempt(1, { batch_id: "a-late", received_at: NOON + 50_000 });
    expect(windowOf([late, attempt(0), attempt(1)])?.conflicts).toEqual([{ seq: 1, batch_ids: ["batch-1", "a-late"] }]);
  });

  it("ends with its last batch only: a page that came back has not ended", () => {
    expect(windowOf([attempt(0), attempt(1, { is_end: true })])?.end).toBe(true);
    expect(windowOf([attempt(0, { is_end: true }), attempt(1)])?.end).toBe(false);
    expect(windowOf([attempt(0), attempt(1, { is_end: true, sealed_through: 2 })])?.end).toBe(false);
  });

  it("neither misses nor conflicts anything in window '': each page begins at seq 0 there", () => {
    const page = (batch_id: string, seq: number) => attempt(seq, { window_id: "", batch_id });
    expect(windowOf([page("a", 0), page("b", 0), page("c", 5)])).toMatchObject({ missing: [], conflicts: [] });
  });
});

describe("the completeness of a session", () => {
  const ended = [attempt(0), attempt(1, { is_end: true })];
  const other = { window_id: "w2", batch_id: "other" };
  const dropped = [{ from: 1, to: 1, reason: "too_old" }];

  it.each<[string, LoadedAttempt[], RejectedBatch[], boolean | null, string | null]>([
    ["is true when each window ended whole", [...ended, attempt(0, { ...other, is_end: true })], [], true, null],
    ["is false while a window is open", [...ended, attempt(0, other)], [], false, "open"],
    ["names what is missing before what is open", [attempt(0), attempt(2)], [], false, "missing"],
    ["names what was dropped", [attempt(0), attempt(2, { dropped, is_end: true })], [], false, "dropped"],
    ["names what was rejected", [attempt(0), attempt(2, { is_end: true })], [rejected(1)], false, "rejected"],
    ["is not told for clients without windows", [attempt(0, { window_id: "" })], [], null, null],
    ["is not told with one such client among others", [...ended, attempt(0, { window_id: "" })], [], null, null],
    [
      "is false without windows too where a batch was rejected",
      [],
      [rejected(0, { window_id: "" })],
      false,
      "rejected",
    ],
    ["is false where all there was is rejected", [], [rejected(0)], false, "rejected"],
    ["is not told for a session that nothing is known of", [], [], null, null],
  ])("%s", (_name, attempts, lost, complete, why) => {
    expect(ledgerOf(attempts, lost)).toMatchObject({ complete, why });
  });

  it("turns from open to no_end when the window has been silent for long", () => {
    expect(ledgerOf([attempt(0)], [], NOON + WINDOW_OPEN_MS - 1).why).toBe("open");
    expect(ledgerOf([attempt(0)], [], NOON + WINDOW_OPEN_MS).why).toBe("no_end");
  });
});

describe("any ledger", () => {
  const seqs = fc.uniqueArray(fc.nat(40), { minLength: 1 });
  const ranges = fc.array(fc.record({ from: fc.nat(40), to: fc.nat(40), reason: fc.constantFrom("x", "y") }), {
    maxLength: 3,
  });
  const numbers = (all: readonly (readonly [number, number])[]) =>
    all.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

  it("accounts for each seq up to the highest known exactly once", () => {
    fc.assert(
      fc.property(seqs, fc.uniqueArray(fc.nat(40)), ranges, (received, lost, dropped) => {
        const letters = lost.filter((seq) => !received.includes(seq));
        const window = windowOf(
          received.map((seq) => attempt(seq, { dropped })),
          letters.map((seq) => rejected(seq)),
        );
        if (!window) throw new Error("no window");
        const given = new Set(window.dropped.flatMap(({ from, to }) => numbers([[from, to]])));
        const known = new Set([...numbers(window.received), ...letters, ...given]);
        const missing = numbers(window.missing);
        expect(new Set(numbers(window.received))).toEqual(new Set(received));
        expect(missing.filter((seq) => known.has(seq))).toEqual([]);
        expect(new Set([...known, ...missing]).size).toBe(Math.max(...known) + 1);
        expect([...given].filter((seq) => received.includes(seq))).toEqual([]);
      }),
    );
  });

  it("does not depend on the order of its input", () => {
    fc.assert(
      fc.property(seqs, (received) => {
        const attempts = received.map((seq) => attempt(seq));
        expect(ledgerOf(attempts.toReversed())).toEqual(ledgerOf(attempts));
      }),
    );
  });
});
