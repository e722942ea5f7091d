import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

interface Origin {
  file: string;
  /** The name there; it may be `default`. */
  name: string;
}

const STATEMENT = /(?:import|export) \{([^}]+)\} from ["'](\.[^"']+)["'];?/g;

/**
 * Sends imports from a package's index straight to the modules that define the names. A bundler leaves out what nobody
 * uses, but only after it has read all that an index names: 6,000 icons for the twenty that are shown.
 *
 * @param packages by their names; each must have an index of plain re-exports, and anything else it exports stays there
 */
export function importsOneByOne(packages: string[]): Plugin {
  const indexes = new Map(packages.map((name) => [name, originsOf(name)]));
  const fromPackage = new RegExp(`import \\{([^}]+)\\} from ["'](${packages.join("|")})["'];?`, "g");
  return {
    name: "imports-one-by-one",
    enforce: "pre",
    transform: {
      // The packages import from each other, too.
      filter: { id: /(\/app\/.*\.tsx?|\/@mantine\/.*\.mjs)$/, code: new RegExp(packages.join("|")) },
      handler: (code) =>
        code.replace(fromPackage, (_statement, names: string, from: string) =>
          specifiers(names)
            .map(({ name, as }) => {
              const origin = indexes.get(from)?.get(name);
              return origin === undefined
                ? `import { ${name} as ${as} } from ${JSON.stringify(from)};`
                : `import { ${origin.name} as ${as} } from ${JSON.stringify(origin.file)};`;
            })
            .join(" "),
        ),
    },
  };
}

/** Where each name that a package's index exports comes from. */
function originsOf(packageName: string): Map<string, Origin> {
  const folder = join(import.meta.dirname, "../node_modules", packageName);
  const { module } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { module: string };
  const index = join(folder, module);
  const text = readFileSync(index, "utf8");
  return new Map(
    [...text.matchAll(STATEMENT)].flatMap(([, names = "", path = ""]) =>
      specifiers(names).map(({ name, as }): [string, Origin] => [as, { file: join(dirname(index), path), name }]),
    ),
  );
}

/** `A, b as B, type C` without its types. */
function specifiers(list: string): { name: string; as: string }[] {
  return list
    .split(",")
    .map((specifier) => specifier.trim())
    .filter((specifier) => specifier !== "" && !specifier.startsWith("type "))
    .map((specifier) => {
      const [name = "", as = name] = specifier.split(/\s+as\s+/);
      return { name, as };
    });
}
