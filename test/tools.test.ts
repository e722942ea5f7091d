import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freeze, thaw } from "./support/processes.ts";
import { newDataDir, type RunningStack, startStack } from "./support/running-stack.ts";

const ROOT = resolve(import.meta.dirname, "..");

let stack: RunningStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

/** A tool as `npm run` starts it, against this file's stack. */
function run(tool: string, ...args: string[]) {
  return runWith({ ...stack.ports, RRHOG_DATA: stack.dataDir }, tool, ...args);
}

function runWith(env: Record<string, string>, tool: string, ...args: string[]) {
  return new Promise<{ code: number; output: string }>((done) => {
    execFile(
      process.execPath,
      [join(ROOT, "cli", `${tool}.ts`), ...args],
      { cwd: ROOT, env: { ...process.env, ...env, NO_COLOR: "1" } },
      (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, output: `${stdout}${stderr}` }),
    );
  });
}

describe("npm run import", () => {
  it("brings a recording in, and says so when it is here already", async () => {
    const file = join(ROOT, "test/recordings/patchwork.json.gz");
    const first = await run("import", file);
    expect(first.output).toMatch(/loaded +in /);
    expect(first.code).toBe(0);
    const again = await run("import", file);
    expect(again.output).toContain("it was here before");
    expect(/session +(\S+)/.exec(again.output)?.[1]).toBe(/session +(\S+)/.exec(first.output)?.[1]);
  });

  it("says what is wrong with a file", async () => {
    const { code, output } = await run("import", join(ROOT, "package.json"));
    expect(output).toContain("neither rrweb events");
    expect(code).toBe(1);
  });
});

describe("npm run doctor", () => {
  it("says that all is well, a batch sent through included", async () => {
    const { code, output } = await run("doctor");
    expect(output).toContain("All is well.");
    expect(output).toMatch(/✓ batch +202 in/);
    expect(code).toBe(0);
  });

  it("names the part that is down, and what mends it, also for programs", async () => {
    const pid = await stack.pidOf("api");
    await freeze([pid]);
    try {
      const { code, output } = await run("doctor", "--json");
      expect(code).toBe(1);
      const { ok, checks } = JSON.parse(output) as {
        ok: boolean;
        checks: { name: string; ok: boolean; mend: string }[];
      };
      expect(ok).toBe(false);
      const ill = checks.find((check) => !check.ok);
      expect(ill?.name).toBe("api");
      expect(ill?.mend).toContain(`kill ${pid}`);
    } finally {
      thaw([pid]);
    }
  });

  it("sends who has no stack to npm start", async () => {
    const dataDir = await newDataDir();
    const nobody = Object.fromEntries(Object.keys(stack.ports).map((name) => [name, "1"]));
    const { code, output } = await runWith({ ...nobody, RRHOG_DATA: dataDir }, "doctor");
    expect(output).toMatch(/postgres is the first that is not well. Mend it: npm start/);
    expect(code).toBe(1);
    await rm(dataDir, { recursive: true });
  });
});

describe("npm run roundtrip", () => {
  const recording = join(import.meta.dirname, "recordings", "api-explorer.json.gz");

  it("exits with 0 when nothing is lost, doubled or changed, though the edge is killed in the middle", async () => {
    const { code, output } = await run("roundtrip", recording, "--twice", "--batch-size", "5", "--kill", "edge");
    expect(output).toContain("✓ nothing lost, nothing doubled, nothing changed");
    expect(code).toBe(0);
  });

  it("exits with 1 when the API gives back something else than was sent", async () => {
    const session = "11111111-2222-4333-8444-555555555555";
    expect((await run("roundtrip", recording, "--session", session)).code).toBe(0);
    const other = join(import.meta.dirname, "recordings", "nasty.recording.json");
    const { code, output } = await run("roundtrip", other, "--session", session);
    expect(output).toContain("✗ not what was sent");
    expect(code).toBe(1);
  });

  it("exits with 1 in one line when the key is wrong", async () => {
    const { code, output } = await run("roundtrip", recording, "--write-key", "nobody's");
    expect(output.trim().split("\n").at(-1)).toMatch(/401 key_unknown/);
    expect(code).toBe(1);
  });
});
