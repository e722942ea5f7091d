/**
 * Does package-lock.json agree with package.json? `npm install` mends a lock that lags behind without a word, so this
 * says it, offline: same direct dependencies, the pinned version of each, and an entry for every optional one of every
 * platform (`npm ci` refuses a lock that lacks them; stack/complete-lockfile.mjs fills them in).
 */
import { readFileSync } from "node:fs";

const KINDS = ["dependencies", "devDependencies", "optionalDependencies"];
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
const faults = [];

for (const kind of KINDS) {
  const wanted = manifest[kind] ?? {};
  const locked = packages[""][kind] ?? {};
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(locked)])) {
    if (wanted[name] !== locked[name])
      faults.push(`${kind}: ${name} is ${wanted[name]} here and ${locked[name]} in the lock`);
    const entry = packages[`node_modules/${name}`];
    if (wanted[name] !== undefined && entry?.version !== wanted[name]) {
      faults.push(`${name} is pinned to ${wanted[name]} and locked to ${entry?.version}`);
    }
  }
}

for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
  for (const name of Object.keys(optionalDependencies)) {
    if (!resolves(path, name)) faults.push(`${name}, optional of ${path || "the root"}, is not in the lock`);
  }
}

/** As Node resolves it: in the package's own node_modules, else in those of the folders above. */
function resolves(path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    if (packages[`${folder}${folder && "/"}node_modules/${name}`]) return true;
    if (folder === "") return false;
  }
}

for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
