/** The edge in bare workerd: what wrangler bundled, in the configuration that workerd reads (Cap'n Proto's text form). */
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { ROOT } from "./settings.ts";
import { StartError } from "./start-error.ts";

/** Asked by the edge alone, for what it knows to be there. */
const ASSETS = `import recorder from "recorder";
import observe from "observe";
export default { fetch: ({ url }) => new Response(url.endsWith("/observe.js") ? observe : recorder) };`;

/** Bindings that are texts. They come from the environment, so no secret stands in the file. */
export const EDGE_BINDINGS = [
  "CORE_URL",
  "EDGE_SECRET",
  "NATS_WS_URL",
  "NATS_USER",
  "NATS_PASSWORD",
  "RELAY_SHARDS",
  "CORE_TIMEOUT_MS",
  "PUBLISH_BUDGET_MS",
  "SPOOL_BYTES_MAX",
  "INGEST_PATH",
  "EVENTS_PATH",
  "SCRIPT_PATH",
] as const;
export type EdgeBindings = Record<(typeof EDGE_BINDINGS)[number], string>;

export interface EdgeConfig {
  /** Where the configuration is written. */
  file: string;
  port: number;
  /** Holds the SQLite files of the Durable Objects. */
  storageDir: string;
}

/** Compatibility date and flags are those of wrangler.toml, so the same Worker runs in both places. */
export async function writeEdgeConfig({ file, port, storageDir }: EdgeConfig): Promise<void> {
  const wrangler = await readFile(join(ROOT, "wrangler.toml"), "utf8");
  const date = /^compatibility_date\s*=\s*"([\d-]+)"/m.exec(wrangler)?.[1];
  if (date === undefined) throw new Error("wrangler.toml names no compatibility_date");
  const flags = /^compatibility_flags\s*=\s*(\[[^\]]*\])/m.exec(wrangler)?.[1] ?? "[]";
  const embedded = (path: string) => text(relative(dirname(file), join(ROOT, path)));
  const bindings = EDGE_BINDINGS.map((name) => `    (name = "${name}", fromEnvironment = "${name}"),`);
  await writeFile(
    file,
    `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    # The core and NATS are on this machine; workerd reaches public addresses only unless told otherwise.
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
    (name = "storage", disk = (path = ${text(storageDir)}, writable = true)),
    (name = "assets", worker = .assets),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "edge")],
);

const edge :Workerd.Worker = (
  compatibilityDate = "${date}",
  compatibilityFlags = ${flags},
  modules = [(name = "index.js", esModule = embed ${embedded("edge/dist/index.js")})],
  bindings = [
${bindings.join("\n")}
    (name = "RELAY", durableObjectNamespace = "Relay"),
    (name = "REGISTRY", durableObjectNamespace = "Registry"),
    (name = "ASSETS", service = "assets"),
  ],
  # A key is part of where the objects' data lies: it never changes.
  durableObjectNamespaces = [
    (className = "Relay", uniqueKey = "rrhog-relay", enableSql = true),
    (className = "Registry", uniqueKey = "rrhog-registry", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "storage"),
);

# The platform's static assets, of the bytes that the code was built with: read with it, whatever is built meanwhile.
const assets :Workerd.Worker = (
  compatibilityDate = "${date}",
  modules = [
    (name = "assets.js", esModule = ${text(ASSETS)}),
    (name = "recorder", data = embed ${embedded("sdk/dist/rrhog.js")}),
    (name = "observe", data = embed ${embedded("sdk/dist/rrhog-observe.js")}),
  ],
);
`,
    { mode: 0o600 },
  );
}

/** The binary of this platform's package, which a careful npm does not link into `workerd/bin`. */
export function workerdBinary(): string {
  const names: Record<string, string> = { "linux-x64": "linux-64", "darwin-x64": "darwin-64" };
  const platform = `${process.platform}-${process.arch}`;
  const name = `@cloudflare/workerd-${names[platform] ?? platform}`;
  try {
    const workerd = createRequire(createRequire(import.meta.url).resolve("wrangler/package.json")).resolve("workerd");
    return createRequire(workerd).resolve(`${name}/bin/workerd`);
  } catch {
    throw new StartError(`edge: the npm package ${name} is missing. Run npm ci.`);
  }
}

function text(value: string): string {
  return JSON.stringify(value);
}
