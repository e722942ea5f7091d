/**
 * Fills package-lock.json with the optional packages of other platforms that npm left out, so that `npm ci` takes it
 * everywhere: where a registry does not carry such a package, `npm install` drops it silently, and `npm ci` then calls
 * the lock out of step. Run after every change of dependencies: `node stack/complete-lockfile.mjs`; `--check` only tells.
 * What is there already stays as it is. Plain JavaScript, since it also serves where no Node 24 is installed yet.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const LOCK = new URL("../package-lock.json", import.meta.url);

/** How packages name their platforms. */
const OS = { darwin: "darwin", linux: "linux", linuxmusl: "linux", win32: "win32", windows: "win32" };
const MORE_OS = { android: "android", freebsd: "freebsd", netbsd: "netbsd", openbsd: "openbsd", sunos: "sunos" };
const CPU = { x64: "x64", 64: "x64", arm64: "arm64", arm: "arm", ia32: "ia32", ppc64: "ppc64", riscv64: "riscv64" };
const LIBC = { gnu: "glibc", musl: "musl" };

/**
 * @param {{ packages: Record<string, any> }} lock parsed package-lock.json; completed in place
 * @returns {string[]} the names that were added, as `name@version`
 */
export function completeLock(lock) {
  const added = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (placesOf(path, name).some((place) => place in lock.packages)) continue;
      lock.packages[`node_modules/${name}`] = {
        version,
        ...(entry.dev && { dev: true }),
        optional: true,
        ...platformOf(name),
      };
      added.push(`${name}@${version}`);
    }
  }
  if (added.length > 0) {
    const byPath = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
    lock.packages = Object.fromEntries(byPath);
  }
  return added;
}

/** Where Node would look for `name` from the package at `path`. */
function placesOf(path, name) {
  const places = [];
  for (let from = path; ; from = from.slice(0, Math.max(0, from.lastIndexOf("node_modules/") - 1))) {
    places.push(from === "" ? `node_modules/${name}` : `${from}/node_modules/${name}`);
    if (from === "") return places;
  }
}

/** Without these npm would try to fetch the package on every platform. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const pick = (table) => words.map((word) => table[word]).find((value) => value !== undefined);
  const [os, cpu, libc] = [pick({ ...OS, ...MORE_OS }), pick(CPU), pick(LIBC)];
  return { ...(libc && { libc: [libc] }), ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const lock = JSON.parse(readFileSync(LOCK, "utf8"));
  const added = completeLock(lock);
  const check = process.argv.includes("--check");
  if (added.length > 0 && !check) writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(added.length === 0 ? "complete" : `${check ? "missing" : "added"}: ${added.join(" ")}`);
  process.exitCode = check && added.length > 0 ? 1 : 0;
}
