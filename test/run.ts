/**
 * npm test: builds what the tests run on, then runs every project of vitest.config.ts. Arguments go to vitest
 * (`npm test -- --project node cli`). The last line is `N passed, N failed`, and the exit code agrees with it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { z } from "zod";
import { buildIfStale, CONSOLE_BUILD, EDGE_BUILD } from "#stack/builds.ts";

const ROOT = resolve(import.meta.dirname, "..");
const BIN = join(ROOT, "node_modules", ".bin");

const Results = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

async function main(args: string[]): Promise<{ passed: number; failed: number }> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-tests-"));
  try {
    await build(join(folder, "build.log"));
    const file = join(folder, "results.json");
    const code = await vitest([
      "--silent=passed-only",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
      ...args,
    ]);
    return tally(await readResults(file), code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One after the other: two bundlers at once are slower on a small machine. The edge's build makes the recorder's. */
async function build(log: string) {
  try {
    for (const one of [EDGE_BUILD, CONSOLE_BUILD]) await buildIfStale(one, log, AbortSignal.any([]));
  } catch (error) {
    console.error(await readFile(log, "utf8").catch(() => ""));
    throw error;
  }
}

/** Null where vitest ended before it could write them. */
async function readResults(file: string) {
  const text = await readFile(file, "utf8").catch(() => null);
  return text === null ? null : Results.parse(JSON.parse(text));
}

/** A file that could not be loaded has no tests to count, and an error outside any test fails the run as well. */
function tally(results: z.infer<typeof Results> | null, code: number) {
  if (results === null) return { passed: 0, failed: 1 };
  const unloaded = results.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  for (const { name } of unloaded) console.log(`Not run as a whole: ${name}`);
  const skipped = results.numPendingTests + results.numTodoTests;
  if (skipped > 0) console.log(`${skipped} skipped`);
  const failed = results.numFailedTests + unloaded.length;
  return { passed: results.numPassedTests, failed: code === 0 ? failed : Math.max(failed, 1) };
}

async function vitest(args: string[]): Promise<number> {
  const child = spawn(join(BIN, "vitest"), ["run", ...args], {
    cwd: ROOT,
    // The machine's own Node may be too old; ours comes with the packages.
    env: { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH}` },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
}

const { passed, failed } = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  return { passed: 0, failed: 1 };
});
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
