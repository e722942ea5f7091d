/** Builds the recorder as it ships, once for all page tests, into a folder of their own. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The text of `rrhog.js`. */
    script: string;
    /** The text of its lazy part, and where it is. */
    observe: { text: string; path: string };
    /** `rrhog.mjs` and what it imports, by their names. */
    modules: Record<string, string>;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const root = resolve(import.meta.dirname, "../..");
  const outDir = await mkdtemp(join(tmpdir(), "rrhog-sdk-"));
  const vite = join(root, "node_modules/vite/bin/vite.js");
  await promisify(execFile)(process.execPath, [vite, "build", "sdk", "--outDir", outDir], { cwd: root });
  const read = (name: string) => readFile(join(outDir, name), "utf8");
  project.provide("script", await read("rrhog.js"));
  const { path } = JSON.parse(await read("manifest.json"))["rrhog-observe.js"];
  project.provide("observe", { text: await read("rrhog-observe.js"), path });
  const names = (await readdir(outDir)).filter((name) => name.endsWith(".mjs"));
  const texts = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  project.provide("modules", Object.fromEntries(texts));
  await rm(outDir, { recursive: true });
}
