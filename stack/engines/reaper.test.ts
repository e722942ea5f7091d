import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isAlive } from "../processes.ts";

it("what a process has launched ends with it, even when it is killed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-reaper-"));
  const script = `
    import { launch } from ${JSON.stringify(join(import.meta.dirname, "engine.ts"))};
    const options = { name: "part", command: "sleep", args: ["600"], logFile: ${JSON.stringify(join(folder, "log"))} };
    const { pid } = await launch(options);
    console.log(pid);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = await once(owner.stdout, "data");
  const pid = Number(String(printed));
  expect(isAlive(pid)).toBe(true);
  owner.kill("SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 60_000 }).toBe(false);
  await rm(folder, { recursive: true, force: true });
});
