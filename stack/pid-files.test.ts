import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PidFiles } from "./pid-files.ts";
import { isAlive } from "./processes.ts";
import { ROOT } from "./settings.ts";

describe("what a killed start has left", () => {
  let folder: string;
  let pidFiles: PidFiles;
  const children: number[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rrhog-pids-"));
    pidFiles = new PidFiles(folder);
  });
  afterEach(async () => {
    for (const pid of children.splice(0)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  /** @param label stands in its command line */
  function sleeper(label: string): number {
    const { pid = 0 } = spawn("/bin/sh", ["-c", "sleep 600; :", label], { detached: true, stdio: "ignore" });
    children.push(pid);
    return pid;
  }

  it("is ended when it is ours", async () => {
    const pid = sleeper(`${ROOT}/core/worker/main.ts`);
    await pidFiles.write("worker", pid);
    expect(await pidFiles.endLeftovers()).toEqual(["worker"]);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(folder, "worker.pid"))).toBe(false);
  });

  it("is let alone when another program has its number", async () => {
    const pid = sleeper("somebody else's");
    await pidFiles.write("worker", pid);
    expect(await pidFiles.endLeftovers()).toEqual([]);
    expect(isAlive(pid)).toBe(true);
  });

  it("is let alone when it was born after the file was written", async () => {
    const pid = sleeper(`${ROOT}/core/worker/main.ts`);
    await pidFiles.write("worker", pid);
    const anHourAgo = Date.now() / 1_000 - 3_600;
    await utimes(join(folder, "worker.pid"), anHourAgo, anHourAgo);
    expect(await pidFiles.endLeftovers()).toEqual([]);
    expect(isAlive(pid)).toBe(true);
  });

  it.each(["", "garbage", "999999999", "1"])("is nothing where the file says %j", async (text) => {
    await writeFile(join(folder, "edge.pid"), text);
    expect(await pidFiles.endLeftovers()).toEqual([]);
    expect(existsSync(join(folder, "edge.pid"))).toBe(false);
  });
});

describe("a data folder", () => {
  it("belongs to one start at a time, and is free again when that one was killed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rrhog-claim-"));
    const running = spawn("/bin/sh", ["-c", "sleep 600; :", `${ROOT}/stack/main.ts`], { stdio: "ignore" });
    await writeFile(join(folder, "stack.pid"), `${running.pid}\n`);
    await expect(new PidFiles(folder).claim()).rejects.toThrow(
      `rrHog already runs on this folder (pid ${running.pid}). Stop that one`,
    );
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
    await new PidFiles(folder).claim();
    await rm(folder, { recursive: true, force: true });
  });
});
