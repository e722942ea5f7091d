import { expect, it } from "vitest";
import { bytesInWords } from "./bytes.ts";

it("bytes are told in three figures at most", () => {
  expect([0, 840, 12_340, 3_400_000, 1_250_000_000].map(bytesInWords)).toEqual([
    "0 B",
    "840 B",
    "12.3 KB",
    "3.4 MB",
    "1.25 GB",
  ]);
});
