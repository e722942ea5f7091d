import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeDeadLetters } from "#core/store/postgres/dead-letters.ts";
import { type FreshDatabases, freshDatabases } from "../test/support/databases.ts";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
});
afterAll(() => databases.drop());

async function run(...args: string[]): Promise<{ code: number; output: string }> {
  const env = { ...process.env, POSTGRES_URL: databases.postgresUrl, NO_COLOR: "1" };
  return promisify(execFile)(process.execPath, ["cli/dead-letters.ts", ...args], { env }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, output: stderr }),
  );
}

it("lists, shows, drives and drops letters of every project and of none", async () => {
  expect(await run()).toEqual({ code: 0, output: expect.stringContaining("there are none") });
  for (const [n, reason] of ["message_version_unknown: 9", "batch_id_wrong"].entries()) {
    const [identity, body] = [Buffer.alloc(16, n), Buffer.from("raw bytes")];
    await writeDeadLetters(databases.sql, [{ identity, reason, envelope: null, body, stream_seq: 5, batch: null }]);
  }
  const [{ id }] = await databases.sql<[{ id: string }]>`
    SELECT id::text AS id FROM dead_letters WHERE reason LIKE 'message%'`;
  expect((await run()).output).toMatch(/message_version_unknown +1 +9 B/);
  expect((await run("show", id)).output).toMatch(/reason +message_version_unknown: 9[\s\S]*726177206279746573/);
  expect((await run("redrive", id)).output).toContain("1 will be driven again");
  expect((await run("redrive", "--all")).output).toContain("2 will be driven again");
  expect((await run("drop", "--reason", "batch_id_wrong")).output).toContain("1 are dropped");
  expect((await run()).output).not.toContain("batch_id_wrong");
  expect(await databases.sql`SELECT FROM dead_letters WHERE redrive_at IS NOT NULL`).toHaveLength(2);
});

it("says what is wrong with what it was asked", async () => {
  expect(await run("drop")).toMatchObject({ code: 1, output: expect.stringContaining("Ids, --reason or --all") });
  expect(await run("show", "12x")).toMatchObject({ code: 1, output: expect.stringContaining("is no letter's id") });
  expect(await run("show", "99")).toMatchObject({ code: 1, output: expect.stringContaining("there is no letter 99") });
  expect(await run("burn", "1")).toMatchObject({ code: 1 });
});
