import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { decodedMappings } from "@jridgewell/trace-mapping";
import { expect, test } from "vitest";
import { readSourceMap } from "./source-map.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const bytesOf = (members: object) =>
  Buffer.from(JSON.stringify({ version: 3, sources: ["a.ts"], names: [], mappings: "AAAA", ...members }));

test.each([
  ["as bundlers write it", { file: "a.js", sourcesContent: ["x"], names: ["f"], ignoreList: [] }],
  ["with nulls", { sources: ["a.ts", null], names: [null], sourcesContent: null, sourceRoot: null }],
  ["of many sources", { sourceRoot: "webpack:///", sources: Array(50_000).fill("./src/components/cart/a.ts") }],
])("%s it is a map", (_, members) => {
  expect(readSourceMap(bytesOf(members))).toHaveProperty("map");
});

test("after a byte order mark, too", () => {
  expect(readSourceMap(Buffer.concat([Buffer.from("\uFEFF"), bytesOf({})]))).toHaveProperty("map");
});

test.each([
  ["[]", "must be an object"],
  ["", "must be JSON"],
  [new Uint8Array([0x22, 0xff, 0x22]), "must be JSON"],
])("%j is none", (text, problem) => {
  expect(readSourceMap(Buffer.from(text))).toEqual({ problem });
});

test.each([
  [{ version: 2 }, "version must be 3"],
  [{ sources: [] }, "sources must have at least one"],
  [{ sources: { 0: "a.ts" } }, "sources must be an array"],
  [{ sources: ["a.ts", 1] }, "sources[1] must be a string or null"],
  [{ sources: Array(300_000).fill(0) }, "sources[0] must be a string or null"],
  [{ sourcesContent: [1] }, "sourcesContent[0] must be a string or null"],
  [{ sourcesContent: "x" }, "sourcesContent must be an array"],
  [{ names: ["f", {}] }, "names[1] must be a string or null"],
  [{ sourceRoot: ["a"] }, "sourceRoot must be a string"],
  [{ mappings: [[[0, 0, 0, 0]]] }, "mappings must be a string"],
  [{ mappings: undefined, sections: [] }, "mappings must be a string"],
])("with %j it is none, and told why", (members, problem) => {
  expect(readSourceMap(bytesOf(members))).toEqual({ problem });
});

test.each([
  ["a root that many share", { sourceRoot: "a".repeat(520_000), sources: Array(170_000).fill("") }],
  ["a long source", { sources: ["a/".repeat(3_000_000)] }],
])("whose sources would take much memory by %s is refused before it does", (_, members) => {
  const started = performance.now();
  expect(readSourceMap(bytesOf(members))).toEqual({ problem: expect.stringContaining("sources with sourceRoot") });
  expect(performance.now() - started).toBeLessThan(2_000);
});

test.each([
  ["empty lines", ";".repeat(8_000_000)],
  ["lines of a mapping", "A;".repeat(4_000_000)],
  ["mappings of a column", "A,".repeat(8_000_000)],
])("whose mappings would take much memory by %s is refused", (_, mappings) => {
  expect(readSourceMap(bytesOf({ mappings }))).toEqual({ problem: "mappings would take too much memory" });
});

test.each([
  ["empty lines", { mappings: ";".repeat(300_000) }],
  ["lines of a mapping", { mappings: "A;".repeat(300_000) }],
  ["lines of a few", { mappings: "AAAAA,AAAAA;".repeat(300_000) }],
  ["one line", { mappings: "AAAAA,".repeat(300_000) }],
  ["one line of columns", { mappings: "A,".repeat(300_000) }],
  ["sources behind a root", { sourceRoot: "abc", sources: Array(300_000).fill("") }],
  ["names", { names: Array.from({ length: 300_000 }, (_, i) => `n${i}`) }],
  ["a text", { sourcesContent: ["\u0101x".repeat(300_000)] }],
])("is said to take about what it takes: %s", (_, members) => {
  const bytes = bytesOf(members);
  const before = heapUsed();
  const read = readSourceMap(bytes);
  if (!("map" in read)) throw new Error(read.problem);
  decodedMappings(read.map);
  expect(heapUsed() - before).toBeLessThan(read.bytes);
});
