import { expect, test } from "vitest";
import { checkSourceMap } from "./check-map.ts";

const mapOf = (source: string, version = 3) =>
  Buffer.from(JSON.stringify({ version, sources: ["a.ts"], sourcesContent: [source], names: [], mappings: "AAAA" }));

test.each([
  ["a small map", mapOf("x"), true],
  ["a large one", mapOf("x".repeat(2_000_000)), true],
  ["a large one of another version", mapOf("x".repeat(2_000_000), 2), false],
  ["a large one that is cut off", mapOf("x".repeat(2_000_000)).subarray(0, 1_500_000), false],
])("%s", async (_, map, is) => {
  expect(await checkSourceMap(map)).toBe(is);
});
