/**
 * What the edge's memory must bear: a JSON batch of the largest size is checked within a heap that holds a small part of
 * it. The platform ends an isolate at 128 MB, with all requests in it; here Node ends at the heap that it is given.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { JSON_INFLATED_BYTES_MAX } from "#protocol/limits.ts";

const HEAP_MEGABYTES = 10;

/** Mutations as rrweb sends them, up to the limit: parsed, they would take several times their bytes. */
function largestBatch(): Buffer {
  const attribute = (id: number) =>
    `{"id":${id},"attributes":{"class":"row row-${id} is-open","style":{"top":"${id}px"}}}`;
  const event = (at: number) => {
    const attributes = Array.from({ length: 100 }, (_, i) => attribute(at * 100 + i)).join(",");
    return `{"type":3,"timestamp":${1_700_000_000_000 + at},"data":{"source":0,"texts":[],"attributes":[${attributes}],"removes":[],"adds":[]}}`;
  };
  const events: string[] = [];
  for (let bytes = 64; bytes < JSON_INFLATED_BYTES_MAX; ) {
    const next = event(events.length);
    bytes += next.length + 1;
    if (bytes < JSON_INFLATED_BYTES_MAX) events.push(next);
  }
  return Buffer.from(`{"session_id":"0195a000-0000-7000-8000-000000000001","events":[${events.join(",")}]}`);
}

/** @returns what the program printed, or how it ended */
async function inSmallHeap(program: string, stdin: Buffer): Promise<string> {
  const limits = [`--max-old-space-size=${HEAP_MEGABYTES}`, "--max-semi-space-size=1"];
  const child = spawn(process.execPath, [...limits, "--input-type=module", "--eval", program], {
    cwd: new URL("..", import.meta.url),
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  let printed = "";
  child.stdout.on("data", (bytes) => {
    printed += bytes;
  });
  const code = await new Promise((resolve) => child.on("close", (status, signal) => resolve(status ?? signal)));
  return code === 0 ? printed : `ended by ${code}`;
}

const read = `
  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  const body = Buffer.concat(pieces);`;
const check = (module: string) => `${read}
  const { parseJsonBatch } = await import(${JSON.stringify(module)});
  console.log(JSON.stringify(parseJsonBatch(body)));`;
const parse = `${read}
  console.log(JSON.parse(body.toString()).events.length);`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rrhog-heap-"));
  // Built, as the edge runs it: what strips types in Node would take most of the heap.
  const entry = new URL("../edge/json-batch.ts", import.meta.url).pathname;
  const lib = { entry, formats: ["es" as const], fileName: () => "json-batch.mjs" };
  await build({
    configFile: false,
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: false, minify: true, lib },
  });
});
afterAll(() => rm(folder, { recursive: true }));

test("the largest JSON batch is checked in a heap smaller than itself, where parsing it would end the isolate", async () => {
  const batch = largestBatch();
  expect(batch.byteLength).toBeGreaterThan(JSON_INFLATED_BYTES_MAX * 0.99);

  expect(JSON.parse(await inSmallHeap(check(join(folder, "json-batch.mjs")), batch))).toMatchObject({
    ok: true,
    value: { events: { end: batch.byteLength - 1 } },
  });
  expect(await inSmallHeap(parse, batch)).toMatch(/^ended by/);
});
