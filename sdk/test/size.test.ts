import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { expect, inject, it } from "vitest";

/** Beyond rrweb itself, what delivers its events is to weigh little: a fifth of it. */
const RATIO_MAX = 1.2;
/** What is loaded later, bytes gzipped: the library that measures web vitals is some 3,000 of them. */
const LAZY_BYTES_MAX = 9_500;

/** `@rrweb/record` alone, minified by its authors. */
function rrwebAlone(): Promise<string> {
  const main = createRequire(import.meta.url).resolve("@rrweb/record");
  return readFile(main.replace(/record\.cjs$/, "record.umd.min.cjs"), "utf8");
}

it(`is at most ${RATIO_MAX} times as large as rrweb's recorder, gzipped`, async () => {
  const [script, rrweb] = [inject("script"), await rrwebAlone()].map((text) => gzipSync(text).byteLength);
  expect((script ?? Number.NaN) / (rrweb ?? Number.NaN)).toBeLessThan(RATIO_MAX);
});

it(`loads at most ${LAZY_BYTES_MAX} bytes later`, () => {
  expect(gzipSync(inject("observe").text).byteLength).toBeLessThan(LAZY_BYTES_MAX);
});
