import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const PARTS = ["[", '{"text":"Zoë 🙂"}', "]"];

/** As each page has it: the worker is the module's. */
let gzip: typeof import("./gzip.ts").gzip;
let pages = 0;
beforeEach(async () => {
  ({ gzip } = (await import(/* @vite-ignore */ `./gzip.ts?page=${++pages}`)) as typeof import("./gzip.ts"));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function read(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** A worker that does with what it is asked as a test says; the browser's own cannot be made to fail. */
function stubWorker(answer: (worker: { onmessage?: (event: object) => void }, id: number) => void) {
  const asked: number[] = [];
  vi.stubGlobal(
    "Worker",
    class {
      onmessage?: (event: object) => void;
      postMessage([id]: [number]) {
        asked.push(id);
        answer(this, id);
      }
      terminate() {}
    },
  );
  return asked;
}

describe("gzip", () => {
  it("compresses all parts together, several at a time", async () => {
    const all = await Promise.all(["a", "b", "c"].map((letter) => gzip([...PARTS, letter])));
    expect(await Promise.all(all.map(read))).toEqual(["a", "b", "c"].map((letter) => PARTS.join("") + letter));
  });

  it("does itself what the worker cannot", async () => {
    const asked = stubWorker((worker, id) => setTimeout(() => worker.onmessage?.({ data: [id, null] })));
    expect(await read(await gzip(PARTS))).toBe(PARTS.join(""));
    expect(await read(await gzip(PARTS))).toBe(PARTS.join(""));
    expect(asked).toHaveLength(2);
  });

  it("does itself what a worker that is gone does not answer, and asks none again", async () => {
    const asked = stubWorker(() => {});
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const waiting = [gzip(PARTS), gzip(["other"])];
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect(await Promise.all((await Promise.all(waiting)).map(read))).toEqual([PARTS.join(""), "other"]);
    expect(await read(await gzip(PARTS))).toBe(PARTS.join(""));
    expect(asked).toHaveLength(2);
  });
});
