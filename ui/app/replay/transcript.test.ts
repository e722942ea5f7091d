import { expect, it } from "vitest";
import { transcriptLines } from "./transcript.ts";

it("each line of a transcript has its moment, its tab where there are several, and its words", () => {
  const text = [
    "-00:03 event seen",
    "00:09 click “Pay now” (#pay) → POST /api/pay 402 312 ms → text “Card declined” appeared",
    "59:59 [2] page /help",
    "1:02:03 is ada",
    "",
  ].join("\n");
  expect(transcriptLines(text)).toEqual([
    { at_ms: -3_000, tab: null, words: "event seen" },
    {
      at_ms: 9_000,
      tab: null,
      words: "click “Pay now” (#pay) → POST /api/pay 402 312 ms → text “Card declined” appeared",
    },
    { at_ms: 3_599_000, tab: "2", words: "page /help" },
    { at_ms: 3_723_000, tab: null, words: "is ada" },
  ]);
  expect(transcriptLines("")).toEqual([]);
});
