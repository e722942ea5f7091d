/** The script of each recorder as a site would serve it, bundled and minified, and the others' packages from npm. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, type Rolldown } from "vite";
import { ROOT } from "#stack/settings.ts";
import { OURS, type Recorder } from "./recorders.ts";

const PEERS = join(import.meta.dirname, "peers");

/** Fetches the others' packages at the versions of peers/package-lock.json, if they are not there. */
export async function installPeers(): Promise<void> {
  await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: PEERS });
}

/** What the page fetches of a recorder, by path. */
export async function filesOf(recorder: Recorder): Promise<Map<string, string>> {
  if (recorder.name === OURS) {
    const built = (name: string) => readFile(join(ROOT, "sdk/dist", name), "utf8");
    const { path } = JSON.parse(await built("manifest.json"))["rrhog-observe.js"];
    // The first is what a page waits for, the other is loaded later.
    return new Map([
      ["/rrhog.js", await built("rrhog.js")],
      [path, await built("rrhog-observe.js")],
    ]);
  }
  return recorder.entry === null ? new Map() : new Map([["/recorder.js", await bundled(recorder.entry)]]);
}

/** `@rrweb/record` as its authors minify it. */
export function rrwebAlone(): Promise<string> {
  const main = createRequire(import.meta.url).resolve("@rrweb/record");
  return readFile(main.replace(/record\.cjs$/, "record.umd.min.cjs"), "utf8");
}

async function bundled(entry: string): Promise<string> {
  const id = join(PEERS, "entry.js");
  const { output } = (await build({
    root: PEERS,
    configFile: false,
    logLevel: "error",
    plugins: [
      {
        name: "entry",
        resolveId: (asked) => (asked === id ? id : null),
        load: (asked) => (asked === id ? entry : null),
      },
    ],
    build: {
      write: false,
      target: "es2020",
      modulePreload: { polyfill: false },
      rolldownOptions: { input: id, output: { format: "iife" } },
    },
  })) as Rolldown.RolldownOutput;
  return output[0].code;
}
