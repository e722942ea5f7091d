import { defineConfig, type Plugin } from "vite";
import { fasterRrweb } from "./faster-rrweb.ts";
import { MANGLED_NAMES } from "./mangled-names.ts";

/** Two builds of one source: `rrhog.js`, the classic script that the edge serves, and `rrhog.mjs` for bundlers. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../node_modules/.vite/sdk",
  plugins: [fasterRrweb(), plainClassFields()],
  build: {
    outDir: "dist",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2020",
    modulePreload: { polyfill: false },
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
      for (const environment of Object.values(builder.environments)) await builder.build(environment);
    },
  },
  environments: {
    client: output("src/script.ts", "rrhog.js", "iife"),
    module: { consumer: "client", ...output("src/index.ts", "rrhog.mjs", "es") },
  },
});

function output(entry: string, fileName: string, format: "iife" | "es") {
  return {
    build: {
      rolldownOptions: {
        input: `${import.meta.dirname}/${entry}`,
        preserveEntrySignatures: "strict" as const,
        output: { format, entryFileNames: fileName, minify: true },
      },
    },
  } as const;
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
