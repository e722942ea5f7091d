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
import { COMPILE_CACHE } from "#stack/compile-cache.ts";

const ROOT = resolve(import.meta.dirname, "..");
const BIN = join(ROOT, "node_modules", ".bin");

/**
 * Some thousand waits for real browsers, engines and processes on a shared machine: in CI a test may be tried once more. It
 * is named at the end with what failed, as a defect to be mended, of the test or of the code; nowhere else is it hidden.
 */
const CI_RETRIES = 1;

const Results = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

async function main(args: string[]): Promise<{ passed: number; failed: number }> {
  if ((await run(process.execPath, ["stack/build.ts"])) !== 0) return { passed: 0, failed: 1 };
  const folder = await mkdtemp(join(tmpdir(), "rrhog-tests-"));
  const file = join(folder, "results.json");
  const reporters = ["--silent=passed-only", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const tries = process.env.CI ? [`--retry=${CI_RETRIES}`] : [];
  try {
    const code = await run(join(BIN, "vitest"), ["run", ...reporters, ...tries, ...args]);
    return tally(await readResults(file), code);
  } finally {
    await rm(folder, { recursive: true, force: true });
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
  for (const { name, assertionResults } of results.testResults)
    for (const { fullName, status, failureMessages } of assertionResults)
      if (status === "passed" && failureMessages.length > 0)
        console.log(`Passed at a second try only: ${fullName} (${name})\n${failureMessages.join("\n")}`);
  const skipped = results.numPendingTests + results.numTodoTests;
  if (skipped > 0) console.log(`${skipped} skipped`);
  const failed = results.numFailedTests + unloaded.length;
  return { passed: results.numPassedTests, failed: code === 0 ? failed : Math.max(failed, 1) };
}

async function run(command: string, args: string[]): Promise<number> {
  const child = spawn(command, args, {
    cwd: ROOT,
    // The machine's own Node may be too old; ours comes with the packages.
    env: {
      ...process.env,
      PATH: `${BIN}${delimiter}${process.env.PATH}`,
      // Tests start our parts some hundreds of times.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? COMPILE_CACHE,
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  const [code] = (await once(child, "close")) as [number | null];
  process.off("SIGINT", stop).off("SIGTERM", stop);
  return code ?? 1;
}

const { passed, failed } = await main(process.argv.slice(2));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
