import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { defineConfig, type Plugin, type ResolvedConfig } from "vite";
import { contentHash } from "../protocol/script-address.ts";
import { fasterRrweb } from "./faster-rrweb.ts";
import { MANGLED_NAMES } from "./mangled-names.ts";
import { fixRrweb } from "./rrweb-fixes.ts";

/**
 * Two builds of one source, `rrhog.js`, the classic script that the edge serves, and `rrhog.mjs` for bundlers, each with
 * its lazy part beside it. `manifest.json` says where the edge has the classic ones for good, and their `integrity`.
 */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../node_modules/.vite/sdk",
  plugins: [observeFile(), fasterRrweb(), fixRrweb(), plainClassFields()],
  build: {
    outDir: "dist",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2020",
    modulePreload: false,
    // On top of the bundler's own, which is left on below: some 600 bytes of the gzipped script less than either alone.
    minify: "terser",
    terserOptions: {
      ecma: 2020,
      toplevel: true,
      compress: { passes: 3, pure_getters: true, unsafe_arrows: true },
      mangle: { properties: { regex: new RegExp(`^(${MANGLED_NAMES.join("|")})$`) } },
    },
  },
  builder: {
    async buildApp(builder) {
      // In this order: the classic script knows the bytes of its lazy part.
      for (const environment of Object.values(builder.environments)) await builder.build(environment);
      await writeManifest(builder.config);
    },
  },
  environments: {
    observe: { consumer: "client", ...output("src/observe/script.ts", "rrhog-observe.js", "iife") },
    client: output("src/script.ts", "rrhog.js", "iife"),
    module: { consumer: "client", ...output("src/index.ts", "rrhog.mjs", "es") },
  },
});

function output(entry: string, fileName: string, format: "iife" | "es") {
  return {
    build: {
      // Else each dynamic import is wrapped in what preloads an application's chunks.
      ...(format === "es" && { lib: { entry: `${import.meta.dirname}/${entry}`, formats: ["es" as const] } }),
      rolldownOptions: {
        input: `${import.meta.dirname}/${entry}`,
        preserveEntrySignatures: "strict" as const,
        output: { format, entryFileNames: fileName, chunkFileNames: "rrhog-[name].mjs", minify: true },
      },
    },
  } as const;
}

/** `virtual:observe-file` says where the lazy part is, and what it is. */
function observeFile(): Plugin {
  const id = "virtual:observe-file";
  return {
    name: "observe-file",
    resolveId: (source) => (source === id ? id : null),
    async load(source) {
      if (source !== id) return null;
      const digest = await digestOf(this.environment.config, "rrhog-observe.js", "sha256");
      return `export const integrity = "sha256-${digest}"; export const path = "/${contentHash(digest)}/observe.js";`;
    },
  };
}

async function writeManifest(config: ResolvedConfig): Promise<void> {
  const files: Record<string, { path: string; hash: string; integrity: string }> = {};
  for (const name of ["rrhog.js", "rrhog-observe.js"]) {
    const hash = contentHash(await digestOf(config, name, "sha256"));
    const integrity = `sha384-${await digestOf(config, name, "sha384")}`;
    files[name] = { path: `/rrhog/${hash}/${name.replace("rrhog-", "")}`, hash, integrity };
  }
  await writeFile(builtFile(config, "manifest.json"), `${JSON.stringify(files, null, 2)}\n`);
}

async function digestOf(config: BuildPlace, name: string, algorithm: "sha256" | "sha384"): Promise<string> {
  return createHash(algorithm)
    .update(await readFile(builtFile(config, name)))
    .digest("base64");
}

type BuildPlace = Pick<ResolvedConfig, "root"> & { build: Pick<ResolvedConfig["build"], "outDir"> };

function builtFile({ root, build }: BuildPlace, name: string): string {
  return resolve(root, build.outDir, name);
}

/** Rrweb's classes as compiled define each field by a function and a text: `__publicField(this, "locked", false)`. */
function plainClassFields(): Plugin {
  return {
    name: "plain-class-fields",
    transform(code, id) {
      if (!id.includes("@rrweb/record")) return null;
      const withoutValue = /\b__publicField\$?\d*\((\w+), "(\w+)"\)/g;
      const withValue = /\b__publicField\$?\d*\((\w+), "(\w+)", /g;
      return { code: code.replace(withoutValue, "($1.$2 = void 0)").replace(withValue, "($1.$2 = "), map: null };
    },
  };
}
