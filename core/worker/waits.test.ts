import pino from "pino";
import { expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";
import { Waits } from "./waits.ts";

it("a stage's wait is over when that stage goes on, not when others do", () => {
  const waits = new Waits(
    pino({ level: "silent" }),
    createMetrics(async () => null),
  );
  waits.setStage("load", { engine: "clickhouse", why: "late" });
  waits.setStage("heed", null);
  waits.setStage("claim", { engine: "postgres", why: "away" });
  expect(waits.lines()).toEqual(["clickhouse: load: late", "postgres: claim: away"]);
  waits.setStage("claim", null);
  waits.setStage("load", null);
  expect(waits.lines()).toEqual([]);
});
