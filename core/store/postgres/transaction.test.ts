import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { inTransaction } from "./transaction.ts";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
  await databases.sql`CREATE TABLE noted (n integer)`;
});
afterAll(() => databases.drop());

/** In a process of its own, since what is feared ends it. */
async function outcomeOf(work: string): Promise<string> {
  const script = `
    import { openPostgres } from "#core/store/postgres/client.ts";
    import { inTransaction } from "#core/store/postgres/transaction.ts";
    const sql = openPostgres(process.env.POSTGRES_URL, "test");
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await inTransaction(sql, async (transaction) => {
      await transaction\`INSERT INTO noted VALUES (1)\`;
      const [{ pid }] = await transaction\`SELECT pg_backend_pid() AS pid\`;
      const ended = sleep(100).then(() => sql\`SELECT pg_terminate_backend(\${pid}, 30000)\`);
      ${work}
    }).then(() => console.log("done"), (error) => console.log("refused", error.code));
    await sleep(600);
    const [{ n }] = await sql\`SELECT count(*)::int AS n FROM noted\`;
    console.log("alive", n);
    process.exit(0);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, POSTGRES_URL: databases.postgresUrl },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
  return output.trim();
}

describe("a transaction whose connection goes", () => {
  it.each([
    ["while a statement is under way", "await transaction`SELECT pg_sleep(30)`;"],
    ["while it waits for something else", "await ended; await sleep(300); await transaction`SELECT 1`;"],
    ["and whose work fails for another reason then", "await ended; await sleep(300); throw new Error('other');"],
  ])("%s is refused, and the process goes on", async (_, work) => {
    expect(await outcomeOf(work)).toBe("refused CONNECTION_CLOSED\nalive 0");
  });
});

describe("a transaction", () => {
  it("is committed, and rolled back where its work throws", async () => {
    const { sql } = databases;
    expect(
      await inTransaction(sql, async (transaction) => (await transaction`INSERT INTO noted VALUES (2)`).count),
    ).toBe(1);
    const failing = inTransaction(sql, async (transaction) => {
      await transaction`INSERT INTO noted VALUES (3)`;
      throw new Error("changed its mind");
    });
    await expect(failing).rejects.toThrow("changed its mind");
    await expect(inTransaction(sql, (transaction) => transaction`SELECT 1 / 0`)).rejects.toThrow("division by zero");
    expect((await sql<{ n: number }[]>`SELECT n FROM noted`).map(({ n }) => n)).toEqual([2]);
  });
});
