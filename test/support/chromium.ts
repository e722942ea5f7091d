/** The Chromium that all browser tests and tools drive: npm's @sparticuz/chromium, unpacked once into a folder of ours. */
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface ChromiumLaunch {
  executablePath: string;
  /** What a Chromium needs to start as root, without a GPU, on a machine with little shared memory. */
  args: string[];
  /** The environment of this process, with the package's own fonts where the machine has none. */
  env: NodeJS.ProcessEnv;
}

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/rrhog/", import.meta.url));
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"];

/**
 * What playwright-core's `chromium.launch()` is to be given. The first call unpacks some 200 MB in about 3 s; several
 * processes may call it at once, since the folder gets its final name only when it is whole.
 */
export async function chromiumLaunch(): Promise<ChromiumLaunch> {
  const home = join(CACHE, `chromium-${await packageVersion()}`);
  const executablePath = join(home, "chromium");
  if (!(await exists(executablePath))) await unpackInto(home);
  const hasFonts = await exists("/etc/fonts/fonts.conf");
  const env = hasFonts ? process.env : { ...process.env, FONTCONFIG_PATH: join(home, "fonts") };
  return { executablePath, args: ARGS, env };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function packageVersion(): Promise<string> {
  const manifest = new URL("../../node_modules/@sparticuz/chromium/package.json", import.meta.url);
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
  return version;
}

async function unpackInto(home: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const staging = await mkdtemp(join(CACHE, "unpacking-"));
  // The package unpacks into os.tmpdir() and takes whatever lies there, of any version: hence a process with its own.
  const unpack = "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath();";
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", unpack], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    env: { ...process.env, TMPDIR: staging },
  });
  try {
    await rename(staging, home);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    const lostTheRace = (error as NodeJS.ErrnoException).code === "ENOTEMPTY";
    if (!lostTheRace) throw error;
  }
}
