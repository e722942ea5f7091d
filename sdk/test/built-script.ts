/** Builds the recorder as it ships, once for all page tests, into a folder of their own. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The text of `rrhog.js`. */
    script: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const root = resolve(import.meta.dirname, "../..");
  const outDir = await mkdtemp(join(tmpdir(), "rrhog-sdk-"));
  const vite = join(root, "node_modules/vite/bin/vite.js");
  await promisify(execFile)(process.execPath, [vite, "build", "sdk", "--outDir", outDir], { cwd: root });
  project.provide("script", await readFile(join(outDir, "rrhog.js"), "utf8"));
  await rm(outDir, { recursive: true });
}
