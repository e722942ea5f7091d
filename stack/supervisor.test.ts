import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { launch, untilReady } from "./engines/engine.ts";
import { PidFiles } from "./pid-files.ts";
import { isAlive } from "./processes.ts";
import { StartError } from "./start-error.ts";
import { type Part, Supervisor } from "./supervisor.ts";

/** The machine may be busy with other tests. */
const PATIENTLY = { timeout: 60_000 };

describe("the supervisor", () => {
  let folder: string;
  let said: string[];
  let supervisor: Supervisor;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rrhog-supervisor-"));
    said = [];
    supervisor = new Supervisor(new PidFiles(folder), (line) => said.push(line));
  });
  afterEach(async () => {
    await supervisor.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A process that is ready once it has said so. */
  const part = (name: string, script = "echo ready; exec sleep 600", tier = 0): Part => ({
    name,
    tier,
    async start(supervision) {
      const logFile = join(folder, `${name}.log`);
      const launched = await launch({ name, command: "/bin/sh", args: ["-c", script], logFile, supervision });
      await untilReady(launched, async () => launched.printed().includes("ready"), { signal: supervision.signal });
      return { ...launched, url: "" };
    },
  });
  const pidOf = async (name: string) => Number(await readFile(join(folder, `${name}.pid`), "utf8"));

  it("starts a part again that died, says so, and lets the pid file follow", async () => {
    const { pid } = await supervisor.start(part("worker"));
    expect(await pidOf("worker")).toBe(pid);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => said.at(-1), PATIENTLY).toMatch(/^worker is back after .* s \(pid \d+\)$/);
    expect(said[0]).toBe("worker ended (SIGKILL); starting it again");
    const second = await pidOf("worker");
    expect(second).not.toBe(pid);
    expect(isAlive(second)).toBe(true);
  });

  it("starts anew what says that it must be, once each time", async () => {
    let broken: string | null = null;
    const asking = new Supervisor(new PidFiles(folder), (line) => said.push(line), 20);
    try {
      const needsRestart = async () => broken;
      const { pid } = await asking.start({ ...part("nats"), needsRestart });
      broken = "it cannot write";
      await expect.poll(() => said[0], PATIENTLY).toBe("nats must be started anew: it cannot write");
      broken = null;
      await expect.poll(() => said.at(-1), PATIENTLY).toMatch(/^nats is back after/);
      expect(isAlive(pid)).toBe(false);
      expect(said).toHaveLength(3);
    } finally {
      await asking.stop();
    }
  });

  it("tries ever more slowly what does not come up, and goes on", async () => {
    const flag = join(folder, "mended");
    // up at first; after that only once it is mended
    const script = `[ -e ${flag}.first ] && [ ! -e ${flag} ] && { echo "worker: broken" >&2; exit 3; }
      touch ${flag}.first; echo ready; exec sleep 600`;
    const { pid } = await supervisor.start(part("worker", script));
    process.kill(pid, "SIGKILL");
    await expect
      .poll(() => said.filter((line) => line.startsWith("worker: broken")).length, PATIENTLY)
      .toBeGreaterThan(1);
    expect(said.slice(1, 3)).toEqual([
      "worker: broken; trying again in 0.4 s",
      "worker: broken; trying again in 0.8 s",
    ]);
    await writeFile(flag, "");
    await expect.poll(() => said.at(-1), PATIENTLY).toMatch(/^worker is back/);
  });

  it("gives the reason when the first start fails, and keeps no pid file", async () => {
    const broken = part("api", `echo "api: set AUTH_SECRET" >&2; exit 1`);
    await expect(supervisor.start(broken)).rejects.toThrow(new StartError("api: set AUTH_SECRET"));
    expect(existsSync(join(folder, "api.pid"))).toBe(false);
  });

  it("ends what needs others before these", async () => {
    const log = join(folder, "order");
    const script = (name: string) =>
      `trap 'sleep 0.1; echo ${name} >> ${log}; exit' TERM; echo ready; sleep 600 & wait`;
    await supervisor.start(part("api", script("api"), 1));
    await supervisor.start(part("postgres", script("postgres"), 0));
    await supervisor.start(part("edge", script("edge"), 2));
    await supervisor.stop();
    expect(await readFile(log, "utf8")).toBe("edge\napi\npostgres\n");
  });

  it("ends all of them, also one that is just being started", async () => {
    const quick = await supervisor.start(part("api"));
    const starting = supervisor.start(part("slow", "exec sleep 600")).catch((error: Error) => error.name);
    await expect.poll(() => existsSync(join(folder, "slow.pid")), PATIENTLY).toBe(true);
    const slow = await pidOf("slow");
    await supervisor.stop();
    expect(await starting).toBe("AbortError");
    expect([quick.pid, slow].filter(isAlive)).toEqual([]);
    expect(existsSync(join(folder, "api.pid"))).toBe(false);
  });
});
