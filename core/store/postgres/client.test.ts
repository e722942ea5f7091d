import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
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
