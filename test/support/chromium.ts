/**
 * A Chromium for tests and screenshots, from npm alone: @sparticuz/chromium is unpacked once into node_modules/.cache
 * (its own default is the machine's temp folder, where a stale one of another version would be taken as it is).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

const ROOT = resolve(import.meta.dirname, "../..");
const CACHE = join(ROOT, "node_modules", ".cache");

/** `--no-sandbox`: tests run as root in containers. Everything else is as people have it. */
const ARGS = ["--no-sandbox"];

/** What a page may take to show something, beside other tests on a slow machine. */
const PATIENCE_MS = 90_000;

/** What playwright's `launch` and Vitest's browser mode need; unpacks on first use, safely beside other processes. */
export async function chromiumLaunchOptions(): Promise<LaunchOptions & { executablePath: string; args: string[] }> {
  const folder = await unpacked();
  return {
    executablePath: join(folder, "chromium"),
    args: ARGS,
    env: { ...definedOnly(process.env), FONTCONFIG_FILE: join(folder, "fonts.conf") },
  };
}

export async function launchChromium(): Promise<Browser> {
  const browser = await chromium.launch(await chromiumLaunchOptions());
  return browser.on("context", (context) => context.setDefaultTimeout(PATIENCE_MS));
}

async function unpacked(): Promise<string> {
  const manifest = await readFile(join(ROOT, "node_modules/@sparticuz/chromium/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const folder = join(CACHE, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(join(CACHE, "chromium-unpacking-"));
  // A process of its own, since the package unpacks to wherever TMPDIR points.
  const script = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();';
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: draft },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error("@sparticuz/chromium could not be unpacked");
  await writeFile(join(draft, "fonts.conf"), fontsConf(folder));
  // The rename is what makes it whole: whoever comes second finds the folder taken and drops its own.
  await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }));
  return folder;
}

/** The machine's own fonts and rules, and the package's fonts beside them: a bare container has none to draw with. */
function fontsConf(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(folder, "fonts")}</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`;
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
