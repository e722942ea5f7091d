import { pino } from "pino";
import { beforeEach, describe, expect, it } from "vitest";
import type { LoadedAttempt } from "#core/facts/ledger.ts";
import type { Envelope } from "#protocol/envelope.ts";
import { RepairHint } from "#protocol/repair.ts";
import { GapWatch } from "./gap-watch.ts";
import { type SessionWindows, windowsOf } from "./ledgers.ts";
import { createMetrics } from "./metrics.ts";
import { event, sealed } from "./testing/sealed.ts";

const SESSION = "5ce55104-0000-4000-8000-000000000001";
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NOON = Date.UTC(2026, 10, 23, 12);

let now: number;
let hints: { region: string; hint: RepairHint }[];
/** What all workers have loaded. */
let loaded: Map<string, LoadedAttempt[]>;
let reads: number;
let away: boolean;
let watch: GapWatch;

beforeEach(() => {
  now = NOON;
  hints = [];
  loaded = new Map();
  reads = 0;
  away = false;
  watch = new GapWatch({
    lastingMs: MINUTE,
    readWindows: async (sessions) => {
      reads++;
      if (away) throw new Error("ECONNREFUSED");
      return sessions.map(({ session_id }) => windows(session_id));
    },
    publish: (region, hint) => void hints.push({ region, hint: RepairHint.parse(hint) }),
    metrics: createMetrics(async () => null),
    log: pino({ level: "silent" }),
    clock: () => now,
  });
});

const windows = (session_id: string): SessionWindows =>
  windowsOf({ project_id: 1, session_id }, loaded.get(session_id));

/** A batch that another worker loads. */
function elsewhere(seq: number, facts: Partial<Envelope> = {}): Envelope {
  const { envelope } = sealed([event(seq)], { seq, region: "any-eu", received_at: now, session_id: SESSION, ...facts });
  loaded.set(envelope.session_id, [
    ...(loaded.get(envelope.session_id) ?? []),
    {
      ...envelope,
      sealed_through: envelope.sealed_through ?? null,
      dropped: envelope.dropped ?? [],
      is_end: envelope.end ?? false,
    },
  ]);
  return envelope;
}

/** Batches that this one loads. */
function load(...seqs: (number | [seq: number, facts: Partial<Envelope>])[]): void {
  const batches = seqs.map((seq) => (typeof seq === "number" ? elsewhere(seq) : elsewhere(...seq)));
  const sessions = [...new Set(batches.map(({ session_id }) => session_id))].map(windows);
  watch.seen(
    batches,
    sessions.filter((session) => session.windows.some(({ missing }) => missing.length > 0)),
  );
}

async function hintsAfter(ms: number): Promise<typeof hints> {
  now += ms;
  await watch.look();
  return hints.splice(0);
}

describe("a window with a gap", () => {
  it("is asked for a snapshot once later batches have been there for a minute, and once only", async () => {
    load(0, 2);
    expect(await hintsAfter(MINUTE - 1)).toEqual([]);
    expect(await hintsAfter(1)).toEqual([
      {
        region: "any-eu",
        hint: { v: 1, project_id: 1, session_id: SESSION, window_id: "w1", want: ["snapshot"], at: NOON + MINUTE },
      },
    ]);
    for (let seq = 3; seq < 100; seq++) {
      load(seq);
      expect(await hintsAfter(MINUTE)).toEqual([]);
    }
  });

  it("is not asked when the gap closes in time", async () => {
    load(0, 2);
    expect(await hintsAfter(MINUTE - 1)).toEqual([]);
    load(1);
    expect(await hintsAfter(10 * MINUTE)).toEqual([]);
    expect(watch.size).toBe(0);
  });

  it("is not asked when another worker has closed it", async () => {
    load(0, 2);
    elsewhere(1);
    expect(await hintsAfter(10 * MINUTE)).toEqual([]);
    expect(watch.size).toBe(0);
  });

  it("is asked five minutes after its last batch where none came after the gap", async () => {
    load([0, { sealed_through: 1 }]);
    expect(await hintsAfter(5 * MINUTE - 1)).toEqual([]);
    expect(await hintsAfter(1)).toHaveLength(1);
    expect(await hintsAfter(30 * MINUTE)).toEqual([]);
  });

  it("is asked again for another gap, at most once a minute", async () => {
    load(0);
    const times: number[] = [];
    for (let seq = 2; seq < 400; seq += 2) {
      load(seq);
      if ((await hintsAfter(5 * SECOND)).length > 0) times.push(now);
    }
    const between = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(times.length).toBeGreaterThan(10);
    expect(Math.min(...between)).toBeGreaterThanOrEqual(MINUTE);
  });

  it("is asked by way of the region of its newest batch, whatever came last", async () => {
    load([0, { region: "any-na" }], [2, { region: "any-oc", received_at: NOON + 10 }]);
    load([3, { region: "any-sa", received_at: NOON + 5 }]);
    expect(await hintsAfter(MINUTE)).toMatchObject([{ region: "any-oc" }]);
  });

  it("is not asked where its edge tells no region, until one does", async () => {
    load(0, [2, { region: undefined }]);
    expect(await hintsAfter(10 * MINUTE)).toEqual([]);
    expect(reads).toBe(0);
    load([3, { region: "eu-eu" }]);
    expect(await hintsAfter(0)).toMatchObject([{ region: "eu-eu" }]);
  });

  it("is asked when the engines are back, if one was away at the time", async () => {
    load(0, 2);
    away = true;
    await expect(hintsAfter(MINUTE)).rejects.toThrow("ECONNREFUSED");
    away = false;
    expect(await hintsAfter(SECOND)).toHaveLength(1);
  });
});

describe("what is no gap", () => {
  it.each<[string, Parameters<typeof load>]>([
    ["a window that is merely open", [0, 1, [2, { sealed_through: 2 }]]],
    ["a window that has ended: nobody is there any more", [0, [2, { end: true }]]],
    ["the window '', in which each page begins at seq 0", [[3, { window_id: "" }]]],
    ["a custom event, which has no place in a window", [[0, { format: "analytics", sealed_through: 4 }]]],
    ["what the recorder itself has dropped", [0, [2, { dropped: [{ from: 1, to: 1, reason: "quota" }] }]]],
  ])("%s", async (_, batches) => {
    load(...batches);
    expect(watch.size).toBe(0);
    expect(await hintsAfter(10 * MINUTE)).toEqual([]);
  });
});

describe("many windows", () => {
  const other = (i: number) => `0195a000-0000-7000-8000-${i.toString(16).padStart(12, "0")}`;

  it("are read some at a time, and those that do not change are not read again", async () => {
    for (let i = 0; i < 250; i++) load([0, { session_id: other(i) }], [2, { session_id: other(i) }]);
    const asked = [];
    for (let looks = 0; looks < 10; looks++) asked.push((await hintsAfter(MINUTE)).length);
    expect(asked).toEqual([100, 100, 50, 0, 0, 0, 0, 0, 0, 0]);
    expect(reads).toBe(3);
  });

  it("never take more than bounded room: the one that was silent for longest is forgotten", async () => {
    load(0, 2);
    for (let i = 0; i < 10_000; i++) load([2, { session_id: other(i) }]);
    expect(watch.size).toBe(10_000);
    now += MINUTE;
    const asked = new Set<string>();
    for (let looks = 0; looks < 101; looks++) for (const { hint } of await hintsAfter(0)) asked.add(hint.session_id);
    expect(asked.size).toBe(10_000);
    expect(asked.has(SESSION)).toBe(false);
  });
});
