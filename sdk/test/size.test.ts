import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, inject, it } from "vitest";

/** Beyond rrweb itself, what delivers its events is to weigh little: a quarter of it. */
const RATIO_MAX = 1.25;

/** `@rrweb/record` alone, as the same bundler makes it. */
async function rrwebAlone(): Promise<string> {
  const { output } = (await build({
    root: resolve(import.meta.dirname, ".."),
    configFile: false,
    logLevel: "silent",
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === "rrweb-alone" ? id : null),
        load: (id) => (id === "rrweb-alone" ? 'export { record } from "@rrweb/record"' : null),
      },
    ],
    build: {
      write: false,
      target: "es2020",
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: "rrweb-alone",
        preserveEntrySignatures: "strict",
        output: { format: "iife", name: "rrweb" },
      },
    },
  })) as Rolldown.RolldownOutput;
  return output[0].code;
}

it(`is at most ${RATIO_MAX} times as large as rrweb's recorder, gzipped`, async () => {
  const [script, rrweb] = [inject("script"), await rrwebAlone()].map((text) => gzipSync(text).byteLength);
  expect((script ?? Number.NaN) / (rrweb ?? Number.NaN)).toBeLessThan(RATIO_MAX);
});
