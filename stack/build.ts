/**
 * npm run build: the edge (and the recorder in it) and the console, each only if what it is made of has changed. Starts,
 * tests and CI share what it makes.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildIfStale, CONSOLE_BUILD, EDGE_BUILD } from "./builds.ts";
import { Progress } from "./progress.ts";
import { ROOT } from "./settings.ts";
import { StartError } from "./start-error.ts";

const LOG = join(ROOT, "node_modules/.cache/rrhog/build.log");

const progress = new Progress();
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

try {
  // One after the other: two bundlers at once are slower on a small machine.
  for (const build of [EDGE_BUILD, CONSOLE_BUILD]) {
    await progress.step(build.name, async () =>
      (await buildIfStale(build, LOG, stop.signal)) ? "built" : "up to date",
    );
  }
} catch (error) {
  if (!stop.signal.aborted) console.error(await readFile(LOG, "utf8").catch(() => ""));
  console.error(error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
