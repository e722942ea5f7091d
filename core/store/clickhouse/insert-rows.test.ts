import { expect, it } from "vitest";
import type { ClickHouseClient } from "./client.ts";
import { insertRows } from "./insert.ts";

/** Of each statement that came, how many lines of rows it had. */
function recorder(refused = Number.POSITIVE_INFINITY) {
  const lines: number[] = [];
  const command = async ({ query }: { query: string }) => {
    lines.push(query.split("\n").length - 2);
    if (lines.length > refused) throw new Error("away");
  };
  return { lines, clickhouse: { command } as unknown as ClickHouseClient };
}
const MIB = 1024 * 1024;
const lineOf = (length: number) => `${"x".repeat(length - 1)}\n`;

it("inserts rows some MiB at a time, each once, and nothing where there are none", async () => {
  const { lines, clickhouse } = recorder();
  expect(await insertRows(clickhouse, "events", new Array(10).fill(MIB), lineOf)).toEqual({ ok: true });
  expect(lines).toEqual([4, 4, 2]);
  expect(await insertRows(clickhouse, "events", new Array(3).fill(10), lineOf)).toEqual({ ok: true });
  expect(await insertRows(clickhouse, "events", [], lineOf)).toEqual({ ok: true });
  expect(lines).toEqual([4, 4, 2, 3]);
});

it("says so where some of them did not get in, and sends no more", async () => {
  const { lines, clickhouse } = recorder(1);
  expect(await insertRows(clickhouse, "events", new Array(20).fill(MIB), lineOf)).toMatchObject({ ok: false });
  expect(lines).toEqual([4, 4]);
});
