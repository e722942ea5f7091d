import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FreshDatabases, freshDatabases } from "../../test/support/databases.ts";
import { DEMO_KEYS } from "./auth/development-access.ts";
import { seedDemo } from "./seed-demo.ts";
import { load, recordedPage } from "./testing/recording.ts";

let engines: FreshDatabases;
let env: Record<string, string>;
beforeAll(async () => {
  engines = await freshDatabases();
  env = {
    POSTGRES_URL: engines.postgresUrl,
    CLICKHOUSE_URL: engines.clickhouseUrl,
    EDGE_SECRET: "edge-secret-of-the-tests",
    AUTH_SECRET: "auth-secret-of-the-tests-which-is-long",
    API_PORT: "0",
  };
});
afterAll(() => engines.drop());

function start(script: string, environment: Record<string, string>): { child: ChildProcess; output: () => string } {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  return { child, output: () => output };
}

async function ended(script: string, environment: Record<string, string>) {
  const { child, output } = start(script, environment);
  const [code] = await once(child, "close");
  return { code, output: output() };
}

async function listening(output: () => string): Promise<string> {
  await expect.poll(output).toContain("listening");
  return `http://127.0.0.1:${/"port":(\d+)/.exec(output())?.[1]}`;
}

test("serves until it is told to end", async () => {
  const { child, output } = start("main.ts", env);
  const url = await listening(output);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  // Nobody is there yet: whoever reads the log can be first.
  await expect.poll(output).toMatch(/"setup_token":"[\w-]{32}"/);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("names the variables that are missing in one line", async () => {
  const { EDGE_SECRET: _, CLICKHOUSE_URL: __, ...rest } = env;
  const { code, output } = await ended("main.ts", rest);
  expect(code).toBe(1);
  expect(output).toMatch(/^api: set CLICKHOUSE_URL .*EDGE_SECRET .*\n$/);
});

test("says which port is taken, and what to do", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { code, output } = await ended("main.ts", { ...env, API_PORT: String(port) });
  other.close();
  expect(code).toBe(1);
  expect(output).toBe(`api: port ${port} is taken. Stop what listens there or set API_PORT\n`);
});

test("starts with the development keys in the embedded stack only", async () => {
  expect((await ended("seed-demo.ts", { POSTGRES_URL: env.POSTGRES_URL ?? "" })).output).toContain(
    "embedded stack only",
  );
  await seedDemo(engines.sql);
  const { code, output } = await ended("main.ts", env);
  expect(code).toBe(1);
  expect(output).toMatch(/^api: refuses to start in production with the development key dev_writ.*\n$/);

  const embedded = start("main.ts", { ...env, RRHOG_EMBEDDED: "1" });
  const url = await listening(embedded.output);
  expect((await fetch(`${url}/v1/auth/demo`, { method: "POST" })).status).toBe(200);

  const sessionId = randomUUID();
  const batch = { projectId: 1, sessionId, windowId: "w", seq: 0, payloads: recordedPage(Date.now()) };
  await load(engines, { ...batch, receivedAt: Date.now() });
  const headers = { authorization: `Bearer ${DEMO_KEYS.read}` };
  const live = await fetch(`${url}/v1/projects/1/sessions/${sessionId}/live`, { headers });
  const exited = once(embedded.child, "exit");
  let text = "";
  // A stream that was cut off could not be read to its end.
  for await (const part of (live.body as ReadableStream<BufferSource>).pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("event: batch")) embedded.child.kill("SIGINT");
  }
  expect(await exited).toEqual([0, null]);
});
