import { expect, it } from "vitest";
import type { ClickHouseClient } from "./client.ts";
import { insertRows } from "./insert.ts";
import type { Rows } from "./insert-bytes.ts";

const MIB = 1024 * 1024;

/** Of each insert that came, how many MiB it had, and the most bytes of them at once. */
function recorder(refused = Number.POSITIVE_INFINITY) {
  const inserts: number[] = [];
  let piece = 0;
  const insertBytes = async (_insert: string, rows: Iterable<Rows>) => {
    let bytes = 0;
    for (const some of rows) {
      piece = Math.max(piece, some.byteLength);
      bytes += some.byteLength;
    }
    inserts.push(bytes / MIB);
    if (inserts.length > refused) throw new Error("away");
  };
  return { inserts, piece: () => piece, clickhouse: { insertBytes } as unknown as ClickHouseClient };
}
const lineOf = (length: number) => `${"x".repeat(length - 1)}\n`;

it("inserts what a lot has at once, and more than an engine takes some MiB at a time, each row once", async () => {
  const { inserts, piece, clickhouse } = recorder();
  expect(await insertRows(clickhouse, "events", new Array(1_024).fill(1_024), lineOf)).toEqual({ ok: true });
  expect(await insertRows(clickhouse, "events", new Array(150).fill(MIB), lineOf)).toEqual({ ok: true });
  expect(inserts).toEqual([1, 64, 64, 22]);
  expect(piece()).toBeLessThan(2 * MIB);
});

it("inserts nothing where there are no rows", async () => {
  const { inserts, clickhouse } = recorder();
  expect(await insertRows(clickhouse, "events", [], lineOf)).toEqual({ ok: true });
  expect(inserts).toEqual([]);
});

it("says so where some of them did not get in, and sends no more", async () => {
  const { inserts, clickhouse } = recorder(1);
  expect(await insertRows(clickhouse, "events", new Array(200).fill(MIB), lineOf)).toMatchObject({ ok: false });
  expect(inserts).toEqual([64, 64]);
});
