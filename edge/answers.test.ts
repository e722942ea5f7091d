import { expect, it } from "vitest";
import { countAnswer, reportAnswers } from "./answers.ts";

it("tells the platform what was counted since the last report, at most every ten seconds", () => {
  const points: AnalyticsEngineDataPoint[] = [];
  const dataset = { writeDataPoint: (point?: AnalyticsEngineDataPoint) => void points.push(point ?? {}) };
  const count = (times: number) => {
    for (let i = 0; i < times; i++) countAnswer(202, "stream");
  };
  const at = Date.now();
  count(3);
  countAnswer(429, "rate_limited");
  reportAnswers(dataset, at);
  count(2);
  reportAnswers(dataset, at + 9_999);
  reportAnswers(dataset, at + 10_000);
  expect(points).toEqual([
    { indexes: ["stream"], blobs: ["answer", "202", "stream"], doubles: [3] },
    { indexes: ["rate_limited"], blobs: ["answer", "429", "rate_limited"], doubles: [1] },
    { indexes: ["stream"], blobs: ["answer", "202", "stream"], doubles: [2] },
  ]);
});
