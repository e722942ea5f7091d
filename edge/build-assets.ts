/**
 * Lays the recorder's built files out as wrangler.toml's `[assets]` has them: under the addresses that they are asked for
 * by, with the headers of the answers. The platform serves them without asking the Worker, which costs nothing.
 */
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { immutablePaths, withoutExtension } from "#protocol/script-address.ts";
import { FOR_GOOD, FRESH, HASHES, SCRIPT_HEADERS } from "./recorder-files.ts";

const BUILT = join(import.meta.dirname, "../sdk/dist");
const ASSETS = join(import.meta.dirname, "dist/assets");
const SCRIPT = "/rrhog.js";

await rm(ASSETS, { recursive: true, force: true });
for (const [path, file] of [[SCRIPT, "rrhog.js"] as const, ...immutablePaths(SCRIPT, HASHES)]) {
  await mkdir(dirname(join(ASSETS, path)), { recursive: true });
  await copyFile(join(BUILT, file), join(ASSETS, path));
}
const rules = { [SCRIPT]: FRESH, [`${withoutExtension(SCRIPT)}/*`]: FOR_GOOD };
const lines = Object.entries(rules).flatMap(([path, cacheControl]) => [
  path,
  ...Object.entries({ ...SCRIPT_HEADERS, "Cache-Control": cacheControl }).map(([name, value]) => `  ${name}: ${value}`),
]);
await writeFile(join(ASSETS, "_headers"), `${lines.join("\n")}\n`);
