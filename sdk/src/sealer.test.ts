import { describe, expect, it, vi } from "vitest";
import { SEALED_BYTES_MAX, type SealedBatch } from "./batch.ts";
import { createSealer } from "./sealer.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000 });

/** A sealer as the recorder uses it: `seq` follows from what was kept. */
function sealing() {
  const kept: SealedBatch[] = [];
  /** How often it began to seal. */
  const seals = { begun: 0 };
  const facts = () => {
    seals.begun++;
    return {
      sessionId: "s",
      windowId: "w",
      seq: kept.length,
      sealedAt: 1_000,
      sealedThrough: kept.length,
      url: "http://shop.test/",
      user: undefined,
      release: undefined,
      environment: undefined,
      dropped: [],
      end: false,
    };
  };
  const sealer = createSealer({ facts, keep: (batch) => kept.push(batch) });
  return { kept, seals, sealer };
}

interface Read {
  seq: number;
  sealed_through: number;
  end: boolean;
  isGzip: boolean;
  events: unknown[];
}

async function read({ query, body }: SealedBatch): Promise<Read> {
  const isGzip = body[0] === 0x1f;
  const stream = new Blob([body]).stream();
  const text = new Response(isGzip ? stream.pipeThrough(new DecompressionStream("gzip")) : stream).text();
  const facts = new URLSearchParams(query);
  return {
    seq: Number(facts.get("seq")),
    sealed_through: Number(facts.get("sealed_through")),
    end: facts.get("end") === "1",
    isGzip,
    events: JSON.parse(await text),
  };
}

/** A moment for the worker that compresses, which knows no made-up time. */
async function compressed(): Promise<void> {
  await new Response(new Blob(["x"]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}

/** Text that gzip can do nothing with. */
function noise(length: number): string {
  const bytes = new Uint8Array(length / 2);
  for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("sealer", () => {
  it("seals a snapshot soon, gzipped, with all that came by then", async () => {
    const { kept, sealer } = sealing();
    sealer.add('{"n":1}', true);
    sealer.add('{"n":2}', false);
    await until(() => expect(kept).toHaveLength(1));
    expect(await read(kept[0] as SealedBatch)).toMatchObject({
      seq: 0,
      sealed_through: 0,
      isGzip: true,
      events: [{ n: 1 }, { n: 2 }],
    });
  });

  it("asks for fewer requests from batch to batch, unless more waits than a page may take along", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      const { kept, seals, sealer } = sealing();
      const waited: number[] = [];
      for (const size of [10, 10, 10, 10, 10, 200_000]) {
        const before = seals.begun;
        sealer.add(JSON.stringify({ text: "x".repeat(size) }), before === 0);
        let seconds = 0;
        for (; seals.begun === before && seconds < 60; seconds++) await vi.advanceTimersByTimeAsync(1_000);
        waited.push(seconds);
        while (kept.length < waited.length) await compressed();
      }
      expect(waited).toEqual([1, 5, 10, 15, 20, 5]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("cuts what compresses to more than one batch may be, keeping the order, and leaves one large event whole", async () => {
    const { kept, sealer } = sealing();
    const sizes = [30_000, 30_000, 300_000, 30_000, 30_000, 30_000, 30_000, 60_000];
    for (const [n, size] of sizes.entries()) sealer.add(JSON.stringify({ n, noise: noise(size) }), n === 0);
    await until(async () => {
      const events = (await Promise.all(kept.map(read))).flatMap((batch) => batch.events as { n: number }[]);
      expect(events.map(({ n }) => n)).toEqual(sizes.map((_, n) => n));
    });
    const batches = await Promise.all(kept.map(read));
    expect(batches.map(({ seq }) => seq)).toEqual(batches.map((_, i) => i));
    kept.forEach((batch, i) => {
      if (batch.body.byteLength > SEALED_BYTES_MAX) expect(batches[i]?.events).toHaveLength(1);
    });
  });

  it("seals the rest at once when the page goes, what is being compressed too, each event once", async () => {
    const { kept, sealer } = sealing();
    sealer.add(JSON.stringify({ n: 0, noise: noise(600_000) }), true); // so long that it is cut off in the next turn
    await new Promise((resolve) => setTimeout(resolve, 0));
    sealer.add('{"n":1}', false);
    const last = sealer.sealNow(true);
    expect(last).toEqual(kept);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(kept).toHaveLength(last.length);
    const batches = await Promise.all(kept.map(read));
    expect(batches.flatMap(({ events }) => events.map((event) => (event as { n: number }).n))).toEqual([0, 1]);
    expect(batches.map(({ end }) => end)).toEqual([false, true]);
    expect(batches.map(({ isGzip }) => isGzip)).toEqual([true, true]);
    expect(batches.map(({ sealed_through }) => sealed_through)).toEqual([1, 1]);
    expect(sealer.sealNow(true)).toEqual([]);
  });

  it("forgets what it is told to, what is being compressed too, and gives it no number", async () => {
    const { kept, sealer } = sealing();
    sealer.add(JSON.stringify({ n: 0, noise: noise(600_000) }), true);
    await new Promise((resolve) => setTimeout(resolve, 0));
    sealer.add('{"n":1}', false);
    sealer.discard();
    sealer.add('{"n":2}', true);
    await until(() => expect(kept).not.toHaveLength(0));
    expect(await Promise.all(kept.map(read))).toMatchObject([{ seq: 0, events: [{ n: 2 }] }]);
  });
});
