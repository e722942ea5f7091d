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

const ROOT = resolve(import.meta.dirname, "..");
const BIN = join(ROOT, "node_modules", ".bin");

/** In this order: the edge carries the recorder's built text. */
const BUILDS: [name: string, command: string, ...args: string[]][] = [
  ["recorder", "vite", "build", "sdk", "--logLevel", "warn"],
  ["edge", "wrangler", "deploy", "--dry-run", "--outdir", "edge/dist"],
  ["console", "react-router", "build", "ui"],
];

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
  for (const [name, command, ...rest] of BUILDS) {
    const code = await run(command, rest, "quiet");
    if (code !== 0) {
      console.error(`The ${name} does not build.`);
      return { passed: 0, failed: 1 };
    }
  }
  const folder = await mkdtemp(join(tmpdir(), "rrhog-tests-"));
  const file = join(folder, "results.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await run("vitest", ["run", ...reporters, ...args], "loud");
  const results = await readFile(file, "utf8").then(
    (text) => Results.parse(JSON.parse(text)),
    () => null,
  );
  await rm(folder, { recursive: true, force: true });
  return tally(results, code);
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

/** @param output `quiet` shows it only if the command fails */
async function run(command: string, args: string[], output: "quiet" | "loud"): Promise<number> {
  const child = spawn(join(BIN, command), args, {
    cwd: ROOT,
    // The machine's own Node may be too old for the tools; ours comes with the packages.
    env: { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH}`, WRANGLER_SEND_METRICS: "false" },
    stdio: ["ignore", output === "loud" ? "inherit" : "pipe", output === "loud" ? "inherit" : "pipe"],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => said.push(chunk));
  const stop = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  const [code] = (await once(child, "close")) as [number | null];
  process.off("SIGINT", stop).off("SIGTERM", stop);
  if (code !== 0) process.stderr.write(Buffer.concat(said));
  return code ?? 1;
}

const { passed, failed } = await main(process.argv.slice(2));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
