import { describe, expect, it } from "vitest";
import { gzipNow } from "./gzip-now.ts";

async function ungzipped(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Letters that do not repeat, but for what a small alphabet makes. */
function letters(length: number, alphabet: string): string {
  const all = [...alphabet];
  let state = length;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return all[(state >>> 16) % all.length];
  }).join("");
}

const ROW = '{"type":3,"data":{"source":0,"texts":[{"id":7,"value":"costs 49 crowns"}]},"timestamp":1764000000000}';
const NOISE = letters(40_000, "abcdefghijklmnopqrstuvwxyz0123456789é€😀");

describe("gzip at once", () => {
  it.each([
    ["nothing", ""],
    ["less than a repeat", "abc"],
    ["text of two, three and four bytes a character", `${"žluťoučký kůň 😀 ".repeat(50)}€`],
    ["each length of a repeat", Array.from({ length: 600 }, (_, n) => `${n}:${"x".repeat(n)}`).join()],
    ["distances up to the farthest, and beyond", `${ROW}${letters(20_000, "abcdefghijkl")}${ROW}${NOISE}${ROW}`],
    ["what can hardly be made smaller", NOISE],
    ["few letters", letters(100_000, "ab")],
    ["a recording", Array.from({ length: 2_000 }, (_, n) => ROW.replace("49", String(n * 7))).join()],
  ])("is read by any gzip as it was: %s", async (_, text) => {
    const parts = text.split(/(?<=,)/);
    // Not shown where they differ: they are long.
    expect((await ungzipped(gzipNow(parts))) === text).toBe(true);
  });

  it("makes what repeats itself small, and nothing much larger", () => {
    const rows = Array.from({ length: 1_000 }, (_, n) => ROW.replace("49", String(n)));
    expect(gzipNow(rows).length).toBeLessThan(rows.join("").length / 5);
    expect(gzipNow([NOISE]).length).toBeLessThan(new TextEncoder().encode(NOISE).length * 1.13);
  });
});
