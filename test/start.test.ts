import { once } from "node:events";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readAddresses } from "#cli/addresses.ts";
import { probe } from "#cli/probe.ts";
import { readEvents } from "#cli/read-back.ts";
import { processesOf } from "./support/processes.ts";
import { launchStack, newDataDir, type StackProcess } from "./support/running-stack.ts";

const started: StackProcess[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const stack of started.splice(0).reverse()) await stack.end();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function folder(): Promise<string> {
  const dataDir = await newDataDir();
  folders.push(dataDir);
  return dataDir;
}

async function launch(...args: Parameters<typeof launchStack>): Promise<StackProcess> {
  const stack = await launchStack(...args);
  started.push(stack);
  return stack;
}

/** A start that cannot be: non-zero, one line that says why, no stack trace, nothing half alive. */
async function expectRefusal(stack: StackProcess, line: RegExp) {
  expect(await stack.exited).toBeGreaterThan(0);
  const lines = stack.output().trim().split("\n");
  expect(lines.at(-1)).toMatch(line);
  expect(stack.output()).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(processesOf(stack.dataDir)).toEqual([]);
}

describe("a start that cannot be says so in one line and leaves nothing behind", () => {
  it("when a port is taken, by whom", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as { port: number };
    const stack = await launch(await folder(), { env: { EDGE_PORT: String(port) } });
    await expectRefusal(
      stack,
      new RegExp(`edge: port ${port} is taken by pid ${process.pid} \\(.+\\)\\. Stop it or set EDGE_PORT\\.`),
    );
    squatter.close();
  });

  it("when a port is none", async () => {
    await expectRefusal(await launch(await folder(), { env: { API_PORT: "http" } }), /API_PORT/);
  });

  it("when the data folder is a file", async () => {
    const file = join(await folder(), "data");
    await writeFile(file, "");
    await expectRefusal(await launch(file), /data.*RRHOG_DATA/);
  });

  it("when the data folder cannot be written", async () => {
    const dataDir = await folder();
    await chmod(dataDir, 0o500);
    await expectRefusal(await launch(dataDir, { unprivileged: true }), /cannot be written.*RRHOG_DATA/);
    await chmod(dataDir, 0o700);
  });

  it.each([
    ["secrets.json", "{"],
    ["postgres/PG_VERSION", "eighteen"],
    ["clickhouse/store", "a file where a folder should be"],
    ["nats/jetstream", "a file where a folder should be"],
  ])("when %s in the data folder is corrupt", async (file, content) => {
    const dataDir = await folder();
    await mkdir(join(dataDir, file, ".."), { recursive: true });
    await writeFile(join(dataDir, file), content);
    const [part = ""] = file.split(/[/.]/);
    await expectRefusal(await launch(dataDir), new RegExp(part));
  });

  it("when nats-server is not where NATS_SERVER_BIN says", async () => {
    await expectRefusal(
      await launch(await folder(), { env: { NATS_SERVER_BIN: "/nowhere/nats-server" } }),
      /NATS_SERVER_BIN/,
    );
  });
});

describe("Ctrl-C", () => {
  it.each(["postgres", "migrated", "edge"])("in the middle of the start, after %s, ends all of it", async (step) => {
    const stack = await launch(await folder());
    await vi.waitUntil(() => stack.output().includes(step), { timeout: 60_000 });
    stack.child.kill("SIGINT");
    await stack.exited;
    expect(processesOf(stack.dataDir)).toEqual([]);
  });
});

describe("a stack that is up", () => {
  it("refuses a second beside it, ends on SIGTERM without a rest, and keeps its data for the next start", async () => {
    const dataDir = await folder();
    const first = await launch(dataDir);
    await first.ready();
    const { edgeUrl, apiUrl } = await readAddresses(dataDir);
    const { sessionId } = await probe({ edgeUrl, apiUrl });
    const recorded = () => readEvents("ndjson", { apiUrl, readKey: "dev_read_123", projectId: 1, sessionId });
    const before = await recorded();

    const second = await launchStack(dataDir);
    expect(await second.exited).toBeGreaterThan(0);
    expect(second.output().trim().split("\n").at(-1)).toContain(`pid ${first.child.pid}`);
    expect(await recorded()).toEqual(before);

    first.child.kill("SIGTERM");
    await first.exited;
    expect(processesOf(dataDir)).toEqual([]);

    const again = await launch(dataDir, { ports: first.ports });
    await again.ready();
    expect(await recorded()).toEqual(before);
  });
});
