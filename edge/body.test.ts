import { expect, it } from "vitest";
import { BODY_BYTES_MAX } from "#protocol/limits.ts";
import { giveBack, readSent } from "./body.ts";

it("memory is given back where it is all of its own, and not where others may read from it too", () => {
  const own = new Uint8Array(100);
  giveBack(own);
  expect(own.byteLength).toBe(0);
  const shared = new Uint8Array(100).fill(7);
  giveBack(shared.subarray(10, 20));
  expect(shared.every((byte) => byte === 7)).toBe(true);
  expect(shared.byteLength).toBe(100);
});

/** Read as the platform reads what comes in chunks: without a declared length. */
async function inChunks(bytes: Uint8Array, chunkBytes: number): Promise<ReturnType<typeof readSent>> {
  const { readable, writable } = new IdentityTransformStream();
  const read = readSent(new Request("https://edge.example/i", { method: "POST", body: readable }));
  const writer = writable.getWriter();
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) await writer.write(bytes.subarray(at, at + chunkBytes));
  await writer.close();
  return read;
}

it.each([
  [1, 3_000],
  [7, 70_000],
  [64 * 1024, 64 * 1024],
  [64 * 1024, 3 * 64 * 1024 + 1],
  [50_000, BODY_BYTES_MAX],
])("a body of unknown length, in chunks of %i bytes, is the %i bytes that were sent", async (chunkBytes, total) => {
  const sent = crypto.getRandomValues(new Uint8Array(1_000));
  const bytes = Uint8Array.from({ length: total }, (_, i) => sent[i % 1_000] as number);
  const read = await inChunks(bytes, chunkBytes);
  expect(read.ok && read.value.byteLength).toBe(total);
  expect(read.ok && Buffer.from(read.value).equals(bytes)).toBe(true);
});

it("a body of unknown length without a byte is malformed", async () => {
  expect(await inChunks(new Uint8Array(0), 1)).toMatchObject({ ok: false, rejection: { code: "body_malformed" } });
});
