/**
 * The client as its package has it. The compiler writes the type of all routes out in literals: these go into one file
 * of declarations, so that who uses the client installs nothing of the API.
 */
import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, "..");
const DIST = join(HERE, "dist");
const TYPES = join(DIST, "types");

await build({
  configFile: false,
  logLevel: "error",
  build: {
    outDir: DIST,
    minify: false,
    lib: { entry: join(ROOT, "core/api/client.ts"), formats: ["es"], fileName: () => "client.js" },
    rolldownOptions: { external: ["hono/client"] },
  },
});

await promisify(execFile)(join(ROOT, "node_modules/.bin/tsc"), ["-p", join(HERE, "tsconfig.types.json")]);
const [client, app] = await Promise.all(
  ["client", "app"].map((name) => readFile(join(TYPES, "core/api", `${name}.d.ts`), "utf8")),
);
const schema = /function routes\(.*\): import\("@hono\/zod-openapi"\)\.OpenAPIHono<ApiEnv, ([\s\S]*), "\/">;\n/.exec(
  app ?? "",
)?.[1];
const own = client?.split(/^import type \{ ApiType \} .*\n/m);
if (!schema || own?.length !== 2) throw new Error("the compiler writes the API's type in another way now");
await writeFile(
  join(DIST, "client.d.ts"),
  [
    'import type { Hono } from "hono";\nimport type { Env } from "hono/types";\n',
    own.join(""),
    `/** What the client knows of the API: paths, parameters, answers. */\nexport type ApiType = Hono<Env, ${schema}, "/">;\n`,
  ].join(""),
);
await rm(TYPES, { recursive: true });
