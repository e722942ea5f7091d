import { expect, it } from "vitest";
import { safe } from "./safe.ts";

const meta = (timestamp: number) => ({
  type: 4,
  timestamp,
  data: { href: "https://a.example/", width: 800, height: 600 },
});
const snapshot = (timestamp: number, node: unknown) => ({ type: 2, timestamp, data: { node } });

it("takes of a Meta whose snapshot is lost the size alone: a seek would begin there", () => {
  const events = [meta(0), snapshot(1, { type: 0, id: 1, childNodes: [] }), meta(2), snapshot(3, "lost"), meta(4)];
  expect(safe(events).map(({ type, data }) => [type, (data as { width?: number }).width])).toEqual([
    [4, 800],
    [2, undefined],
    [3, 800],
    [5, undefined],
    [4, 800],
  ]);
});
