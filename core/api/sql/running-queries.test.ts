import { expect, test } from "vitest";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { Refusal } from "../refusal.ts";
import { type RunHeld, runningQueries } from "./running-queries.ts";

/** Nothing listens there. What an engine says of its queries: core/api/routes/sql.test.ts. */
const engineless = () => runningQueries(openClickHouse("http://127.0.0.1:1", "test"));

const forever = () => new Promise<never>(() => {});
const isFree = (hold: RunHeld, projectId: number) =>
  hold(projectId, async () => true).catch((error: Refusal) => error.code);

test("two of a project run, and six of all", async () => {
  const hold = engineless();
  for (const projectId of [1, 1, 2, 2, 3]) void hold(projectId, forever);
  expect([await isFree(hold, 1), await isFree(hold, 3)]).toEqual(["too_many_requests", true]);
  void hold(3, forever);
  expect(await isFree(hold, 4)).toBe("too_many_requests");
});

test("what the engine answered, with rows or with a refusal, holds nothing", async () => {
  const hold = engineless();
  void hold(1, forever);
  expect(await hold(1, async () => "rows")).toBe("rows");
  for (const code of ["sql_refused", "sql_over_limit"] as const) {
    await expect(hold(1, () => Promise.reject(new Refusal(code)))).rejects.toMatchObject({ code });
    expect(await isFree(hold, 1)).toBe(true);
  }
});

test("a query that was left holds its place until the engine has failed to answer three times", async () => {
  const hold = engineless();
  const left = () => Promise.reject(new Error("the caller has left"));
  await Promise.allSettled([hold(1, left), hold(1, left)]);
  expect(await isFree(hold, 1)).toBe("too_many_requests");
  await expect.poll(() => isFree(hold, 1), { timeout: 10_000, interval: 100 }).toBe(true);
});
