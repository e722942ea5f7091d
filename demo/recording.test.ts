import { readdir, stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { idFrom, moved, type Recording, readRecordings, startOf } from "./recording.ts";
import { SECRETS, VISITORS } from "./visitors.ts";

const recordings = await readRecordings();

describe("the recorded visits", () => {
  it("are there for every visitor, small, oldest first, the declined card last", async () => {
    expect(recordings.map(({ name }) => name).toSorted()).toEqual(VISITORS.map(({ name }) => name).toSorted());
    expect(recordings.at(-1)?.name).toBe("ada-card-declined");
    const folder = new URL("recordings/", import.meta.url);
    const sizes = await Promise.all(
      (await readdir(folder)).map(async (file) => (await stat(new URL(file, folder))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1.5 * 1024 * 1024);
  });

  it("contain nothing that was typed", () => {
    const { names, addresses, cvc, ...others } = SECRETS;
    for (const { name, batches } of recordings) {
      const sent = JSON.stringify(batches);
      for (const secret of [...names, ...addresses, ...Object.values(others)]) expect(sent, name).not.toContain(secret);
      expect(sent, name).not.toContain(JSON.stringify(cvc));
      const events = JSON.stringify(batches.map((batch) => batch.events));
      expect(events, name).not.toContain("@example.com");
    }
  });

  it("number each window's batches without holes, but for the one that is meant to have one", () => {
    for (const { name, batches } of recordings) {
      const windows = Map.groupBy(batches, ({ window_id }) => window_id);
      for (const own of windows.values()) {
        const seqs = own.map(({ seq }) => seq);
        const isWhole = seqs.every((seq, i) => seq === i);
        expect(isWhole, name).toBe(name !== "lost-a-batch");
        expect(own.at(-1)?.end, name).toBe(true);
      }
      expect(windows.size, name).toBe(name === "two-tabs" ? 2 : 1);
    }
  });

  it("begin each window with a full snapshot and the address", () => {
    for (const { name, batches } of recordings) {
      const types = batches.find(({ seq }) => seq === 0)?.events.map(({ type }) => type);
      expect(types, name).toEqual(expect.arrayContaining([4, 2, 5]));
    }
  });
});

describe("moved", () => {
  const recording: Recording = {
    name: "one",
    user_agent: "test",
    minutes_ago: 5,
    batches: [
      {
        seq: 0,
        session_id: "6f0b8a5e-3f0e-4a86-9d0c-1b8d2a3c4e5f",
        window_id: "w",
        sealed_at: 1_500,
        url: "http://shop.example/",
        events: [
          { type: 4, data: { href: "http://shop.example/", width: 1, height: 2 }, timestamp: 1_000 },
          { type: 3, data: { source: 1, positions: [{ x: 1, y: 2, id: 3, timeOffset: -40 }] }, timestamp: 1_400 },
          { type: 5, data: { tag: "rrhog.track", payload: { timestamp: 1_000 } }, timestamp: 1_450, delay: 3 },
        ],
      },
    ],
  };

  it("moves the times of events and of sealing, and nothing else", () => {
    const [batch] = moved(recording, 501_000, (id) => `new-${id}`).batches;
    expect(batch).toEqual({
      ...recording.batches[0],
      session_id: "new-6f0b8a5e-3f0e-4a86-9d0c-1b8d2a3c4e5f",
      window_id: "new-w",
      sealed_at: 501_500,
      events: recording.batches[0]?.events.map((event) => ({ ...event, timestamp: event.timestamp + 500_000 })),
    });
  });

  it("keeps the order of an event's members, so that its JSON differs in the time alone", () => {
    const before = JSON.stringify(recording.batches[0]?.events[0]);
    const after = JSON.stringify(moved(recording, 501_000, (id) => id).batches[0]?.events[0]);
    expect(after).toBe(before.replace(/"timestamp":1000/, '"timestamp":501000'));
  });

  it("leaves the recording itself alone, and lands where it was told to", () => {
    const copy = structuredClone(recording);
    expect(startOf(moved(recording, 777_000.4, (id) => id))).toBe(777_000);
    expect(recording).toEqual(copy);
  });
});

describe("idFrom", () => {
  it("is a UUID that follows from the name", () => {
    expect(idFrom("1/a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(idFrom("1/a")).toBe(idFrom("1/a"));
    expect(idFrom("2/a")).not.toBe(idFrom("1/a"));
  });
});
