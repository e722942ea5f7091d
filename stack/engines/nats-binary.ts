/**
 * Where nats-server comes from: NATS_SERVER_BIN, else the path, else the cache of an earlier start, else one of two
 * sources whose bytes are pinned here. Nothing is run that was not asked for by the person or checked by its hash.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { StartError } from "../start-error.ts";

const run = promisify(execFile);

/** `sync_interval: always`, and the API that the stream's configuration speaks. */
const OLDEST = [2, 10] as const;

const ANSWER_MS_MAX = 15_000;
const DOWNLOAD_MS_MAX = 180_000;

interface Pinned {
  version: string;
  /** Bytes to fetch, for the line that says so. */
  megabytes: number;
  file: string;
  sha256: string;
}

/**
 * The project's own release. The hashes are those of its Docker images (nats-io/nats-docker, 2.15.x) and of the
 * release's SHA256SUMS, which agree.
 */
const RELEASES: Record<string, Pinned> = {
  "linux-x64": {
    version: "2.15.0",
    megabytes: 7,
    file: "nats-server-v2.15.0-linux-amd64.tar.gz",
    sha256: "5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92",
  },
  "linux-arm64": {
    version: "2.15.0",
    megabytes: 6,
    file: "nats-server-v2.15.0-linux-arm64.tar.gz",
    sha256: "cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112",
  },
  "darwin-arm64": {
    version: "2.15.0",
    megabytes: 6,
    file: "nats-server-v2.15.0-darwin-arm64.tar.gz",
    sha256: "e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8",
  },
};

/** Debian's package, taken where the release cannot be reached but the machine's own package archive can. */
const DEBIAN_PACKAGES: Record<string, Pinned> = {
  "linux-x64": {
    version: "2.15.1",
    megabytes: 5,
    file: "nats-server_2.15.1-1_amd64.deb",
    sha256: "31ef4ceaa84e8248d449e508472e3770c17c3695cb5cb0ee96e03912724ea884",
  },
  "linux-arm64": {
    version: "2.15.1",
    megabytes: 4,
    file: "nats-server_2.15.1-1_arm64.deb",
    sha256: "68923b614b6b5594bbd63ffdce7258c2155ec448fb4cb7efd099bf9273eca128",
  },
};

export interface NatsBinary {
  path: string;
  version: string;
}

export interface Lookup {
  env: NodeJS.ProcessEnv;
  platform: string;
  /** Keeps what was fetched; shared by all clones of one user. */
  cacheDir: string;
  /** Says what is being fetched, in one line. */
  say: (line: string) => void;
  /** Gives a fetch up. */
  signal: AbortSignal | undefined;
}

/** `~/.cache/rrhog`, or where the system keeps such things. */
function userCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "rrhog");
  return join(homedir(), process.platform === "darwin" ? "Library/Caches" : ".cache", "rrhog");
}

/** @throws StartError naming what would help */
export async function findNatsServer(lookup: Partial<Lookup> = {}): Promise<NatsBinary> {
  const complete: Lookup = {
    env: process.env,
    platform: `${process.platform}-${process.arch}`,
    cacheDir: userCacheDir(lookup.env),
    say: () => {},
    signal: undefined,
    ...lookup,
  };
  const { env, platform, cacheDir } = complete;
  if (env.NATS_SERVER_BIN) {
    const version = await versionOf(env.NATS_SERVER_BIN);
    if (version === null) throw new StartError(`nats: NATS_SERVER_BIN is ${env.NATS_SERVER_BIN}, which does not run`);
    if (!recent(version)) {
      throw new StartError(`nats: NATS_SERVER_BIN is version ${version}, and 2.10 or later is needed`);
    }
    return { path: env.NATS_SERVER_BIN, version };
  }
  const passedOver: string[] = [];
  for (const path of [...onPath(env), ...cached(cacheDir, platform)]) {
    const version = await versionOf(path);
    if (version !== null && recent(version)) return { path, version };
    if (version !== null) passedOver.push(`${path} is ${version}, older than 2.10`);
  }
  for (const fetchFrom of [fromRelease, fromDebian]) {
    const outcome = await fetchFrom(complete).catch((error: Error) => error.message);
    complete.signal?.throwIfAborted();
    if (typeof outcome !== "string") return outcome;
    passedOver.push(outcome);
  }
  throw new StartError(
    `nats: no nats-server, and no way to get one (${passedOver.join("; ")}). Install nats-server 2.10 or later, or set NATS_SERVER_BIN or NATS_URL`,
  );
}

function onPath(env: NodeJS.ProcessEnv): string[] {
  return (env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "nats-server"))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function cached(cacheDir: string, platform: string): string[] {
  const pins = [DEBIAN_PACKAGES[platform], RELEASES[platform]];
  return pins.filter((pin) => pin !== undefined).map((pin) => placeOf(cacheDir, pin));
}

function placeOf(cacheDir: string, { version }: Pinned): string {
  return join(cacheDir, `nats-server-${version}`, "nats-server");
}

async function versionOf(path: string): Promise<string | null> {
  try {
    const { stdout } = await run(path, ["--version"], { timeout: 10_000 });
    return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

function recent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

type Fetched = NatsBinary | string;

async function fromRelease(lookup: Lookup): Promise<Fetched> {
  const pin = RELEASES[lookup.platform];
  if (pin === undefined) return `there is no pinned release for ${lookup.platform}`;
  const url = `https://github.com/nats-io/nats-server/releases/download/v${pin.version}/${pin.file}`;
  return unpacked(url, pin, lookup, async (archive, folder) => {
    await run("tar", ["-xzf", archive, "-C", folder, "--strip-components=1"]);
    return join(folder, "nats-server");
  });
}

async function fromDebian(lookup: Lookup): Promise<Fetched> {
  const pin = DEBIAN_PACKAGES[lookup.platform];
  if (pin === undefined) return `Debian has no package for ${lookup.platform}`;
  const asked = await run("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]).catch(
    () => null,
  );
  const archive = asked?.stdout.split("\n").find((line) => /\/debian\/?$/.test(line.trim()));
  if (archive === undefined) return "there is no Debian archive in apt's sources";
  const url = `${archive.trim().replace(/\/$/, "")}/pool/main/n/nats-server/${pin.file}`;
  return unpacked(url, pin, lookup, async (file, folder) => {
    await run("dpkg", ["-x", file, folder]);
    return join(folder, "usr/sbin/nats-server");
  });
}

/** @returns the bytes, or in words why there are none; a host that says nothing is left after a while */
async function download(url: string, signal: AbortSignal | undefined): Promise<Buffer | string> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), ANSWER_MS_MAX);
  const either = AbortSignal.any([silent.signal, AbortSignal.timeout(DOWNLOAD_MS_MAX), ...(signal ? [signal] : [])]);
  try {
    const response = await fetch(url, { signal: either });
    clearTimeout(timer);
    return response.ok ? Buffer.from(await response.arrayBuffer()) : `answers ${response.status}`;
  } catch {
    return "cannot be reached";
  } finally {
    clearTimeout(timer);
  }
}

/** Fetches, checks, unpacks beside the place and moves the binary there, so that no half of one is ever found. */
async function unpacked(
  url: string,
  pin: Pinned,
  { cacheDir, say, signal }: Lookup,
  unpack: (archive: string, folder: string) => Promise<string>,
): Promise<Fetched> {
  const host = new URL(url).host;
  say(`getting nats-server ${pin.version} from ${host} (once, ${pin.megabytes} MB)`);
  const bytes = await download(url, signal);
  if (typeof bytes === "string") return `${host} ${bytes}`;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== pin.sha256) return `${pin.file} from ${host} has another sha256 than the pinned one`;

  const place = placeOf(cacheDir, pin);
  await mkdir(join(place, ".."), { recursive: true });
  const folder = await mkdtemp(join(cacheDir, "unpack-"));
  try {
    const archive = join(folder, "archive");
    await writeFile(archive, bytes);
    const binary = await unpack(archive, folder);
    await chmod(binary, 0o755);
    await copyFile(binary, `${place}.${process.pid}`);
    await rename(`${place}.${process.pid}`, place);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const version = await versionOf(place);
  return version === null ? `${pin.file} does not run on this machine` : { path: place, version };
}
