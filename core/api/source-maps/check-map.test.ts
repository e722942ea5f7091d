import { expect, test } from "vitest";
import { checkSourceMap } from "./check-map.ts";

const mapOf = (source: string, version = 3) =>
  Buffer.from(JSON.stringify({ version, sources: ["a.ts"], sourcesContent: [source], names: [], mappings: "AAAA" }));

const large = mapOf("x".repeat(2_000_000));

test.each([
  ["a small map", mapOf("x"), null],
  ["a large one", large, null],
  ["a large one of another version", mapOf("x".repeat(2_000_000), 2), "version must be 3"],
  ["a large one that is cut off", large.subarray(0, 1_500_000), "must be JSON"],
])("%s", async (_, map, problem) => {
  expect(await checkSourceMap(map)).toBe(problem);
});
