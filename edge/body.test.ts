import { expect, it } from "vitest";
import { giveBack } from "./body.ts";

it("memory is given back where it is all of its own, and not where others may read from it too", () => {
  const own = new Uint8Array(100);
  giveBack(own);
  expect(own.byteLength).toBe(0);
  const shared = new Uint8Array(100).fill(7);
  giveBack(shared.subarray(10, 20));
  expect(shared.every((byte) => byte === 7)).toBe(true);
  expect(shared.byteLength).toBe(100);
});
