import { describe, expect, it } from "vitest";
import { createBuffer, SPAN_MS } from "./buffer.ts";

const T = 1_800_000_000_000;

describe("buffer", () => {
  it("begins with a snapshot, and goes back a minute at least and two at most", () => {
    const buffer = createBuffer();
    buffer.add("before the first snapshot", T, false);
    expect(buffer.isWhole).toBe(false);
    for (let n = 0; n < 5; n++) {
      buffer.add(`snapshot ${n}`, T + n * SPAN_MS, true);
      buffer.add(`action ${n}`, T + n * SPAN_MS + 1, false);
    }
    expect(buffer.isWhole).toBe(true);
    expect(buffer.take()).toEqual(["snapshot 3", "action 3", "snapshot 4", "action 4"]);
    expect(buffer.take()).toEqual([]);
    expect(buffer.isWhole).toBe(false);
  });

  it("lets a snapshot that comes early push nothing out", () => {
    const buffer = createBuffer();
    const events = ["snapshot", "action", "another snapshot", "another action"];
    for (const [n, event] of events.entries()) buffer.add(event, T + n * 1_000, n % 2 === 0);
    buffer.add("yet another", T + 5_000, true);
    expect(buffer.take()).toEqual([...events, "yet another"]);
  });

  it("gives up a span that grows too large, and begins again with the next snapshot", () => {
    const buffer = createBuffer();
    const storm = "x".repeat(1024 * 1024);
    buffer.add("snapshot", T, true);
    for (let n = 0; n < 10; n++) buffer.add(storm, T + n, false);
    expect(buffer.isWhole).toBe(false);
    expect(buffer.take()).toEqual([]);
    buffer.add("snapshot after", T + 1_000, true);
    buffer.add("action", T + 1_001, false);
    expect([buffer.isWhole, buffer.take()]).toEqual([true, ["snapshot after", "action"]]);
  });
});
