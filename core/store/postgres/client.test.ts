import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
});
afterAll(() => databases.drop());

describe("a connection", () => {
  it("that ends as it becomes ready is an error of the statement, and never the process's end", async () => {
    // A way to Postgres that is cut for good at the first "ready for query".
    const script = `
      import { connect, createServer } from "node:net";
      import { openPostgres } from "#core/store/postgres/client.ts";
      const target = new URL(process.env.POSTGRES_URL);
      const server = createServer((near) => {
        const far = connect(Number(target.port), target.hostname);
        near.pipe(far);
        for (const socket of [near, far]) socket.on("error", () => {});
        far.on("data", (bytes) => {
          near.write(bytes);
          if (!bytes.includes(Buffer.from("5a0000000549", "hex"))) return;
          server.close();
          setTimeout(() => [near, far].forEach((socket) => socket.destroy()));
        });
      });
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      const way = new URL(target);
      way.host = "127.0.0.1:" + server.address().port;
      const sql = openPostgres(way.href, "test");
      await sql\`SELECT pg_sleep(1)\`.then(() => console.log("answered"), ({ code }) => console.log(code));
      await new Promise((resolve) => setTimeout(resolve, 300));
      console.log("alive");
      process.exit(0);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      env: { ...process.env, POSTGRES_URL: databases.postgresUrl },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
    expect(output).toMatch(/^[A-Z_]+\nalive\n$/);
  });
});

describe("an array", () => {
  const arrays = async (values: {
    texts: (string | null)[];
    integers: number[];
    bigints: string[];
    uuids: string[];
  }) => {
    const { texts, integers, bigints, uuids } = values;
    const [row] = await databases.sql`
      SELECT ${texts}::text[] AS texts, ${integers}::integer[] AS integers, ${bigints}::bigint[] AS bigints,
        ${uuids}::uuid[] AS uuids`;
    return row;
  };

  it("comes back as it went, whatever its texts hold", async () => {
    // Postgres stores no NUL, and no half of a surrogate pair.
    const texts = fc.array(fc.option(fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", ""))));
    const values = fc.record({
      texts,
      integers: fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      bigints: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
      uuids: fc.array(fc.uuid()),
    });
    await fc.assert(
      fc.asyncProperty(values, async (given) => {
        expect(await arrays(given)).toEqual(given);
      }),
      { numRuns: 100 },
    );
  });

  it("tells NULL from the word, and an empty one from one of an empty text", async () => {
    for (const texts of [[], [""], ["NULL", null, "null"], ["{}", '"', "\\", "a,b", " ", "\n"]]) {
      expect(await arrays({ texts, integers: [], bigints: [], uuids: [] })).toMatchObject({ texts });
    }
  });
});
