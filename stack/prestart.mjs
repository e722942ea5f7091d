/**
 * Before `npm start`, `npm test` and their like: installs what is missing, and sees to it that the next script runs under
 * Node 24 or later. Plain JavaScript for any Node from 20 on. npm puts `node_modules/.bin` first on the path of each
 * script, and on Linux a package there carries Node itself.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MODULES = `${ROOT}node_modules`;
/** What an install takes on the disk, for the line that announces it. */
const ABOUT_MB = 1_500;
const OLDEST_NODE = 20;
const NODE_FOR_TYPESCRIPT = 24;
const KINDS = ["dependencies", "devDependencies", "optionalDependencies"];

const major = Number.parseInt(process.versions.node, 10);
if (major < OLDEST_NODE) fail(`rrHog needs Node ${OLDEST_NODE} or later to start; this is ${process.version}.`);
if (!installed()) await install();
if (!existsSync(`${MODULES}/.bin/node`) && major < NODE_FOR_TYPESCRIPT) {
  fail(
    `rrHog needs Node ${NODE_FOR_TYPESCRIPT} or later on ${process.platform}-${process.arch}, where npm carries none; ` +
      `this is ${process.version}. Install it (nvm install ${NODE_FOR_TYPESCRIPT}, or nodejs.org).`,
  );
}

/** npm notes what it has installed in a lock file of its own, as its last act. */
function installed() {
  const wanted = readJson(`${ROOT}package-lock.json`);
  const manifest = readJson(`${ROOT}package.json`);
  const present = readJson(`${MODULES}/.package-lock.json`);
  if (wanted === null || present === null) return false;
  const root = wanted.packages[""];
  if (KINDS.some((kind) => JSON.stringify(root[kind] ?? {}) !== JSON.stringify(manifest[kind] ?? {}))) return false;
  return Object.entries(wanted.packages).every(([path, { version, optional }]) => {
    if (path === "") return true;
    const there = present.packages[path];
    return there === undefined ? optional === true : there.version === version;
  });
}

async function install() {
  const startedAt = Date.now();
  console.log(`rrHog · first start: getting what is missing (once, about ${ABOUT_MB} MB)`);
  // No install scripts: the one that would be of use, Postgres' library links, the stack makes itself.
  // What is built at start needs the development packages, whatever NODE_ENV says.
  const common = ["--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  let outcome = await npm(["ci", ...common]);
  // The lock lacks packages of other platforms, or package.json is ahead of it.
  if (outcome.code !== 0 && /\bEUSAGE\b/.test(outcome.said)) outcome = await npm(["install", "--no-save", ...common]);
  if (outcome.code !== 0) {
    console.error(outcome.said.trim().split("\n").slice(-15).join("\n"));
    fail(`npm packages: they could not be installed (npm ended with ${outcome.code}; its own words are above).`);
  }
  const seconds = (Date.now() - startedAt) / 1_000;
  writeFileSync(`${MODULES}/.rrhog-install.json`, JSON.stringify({ seconds, finishedAt: Date.now() }));
  console.log(`  ✓ npm packages       ${`${sizeOfModules()} MB`.padEnd(24)} ${seconds.toFixed(0)} s`);
}

/** Runs npm as the npm that runs us, showing how much has been written so far. */
function npm(args) {
  const command = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const child = spawn(command[0], [...command.slice(1), ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));

  const { isTTY } = process.stdout;
  const startedAt = Date.now();
  const freeBefore = freeMegabytes();
  const ticker = setInterval(
    () => {
      const written = Math.max(0, Math.round(freeBefore - freeMegabytes()));
      const line = `  … npm packages ${written} MB ${Math.round((Date.now() - startedAt) / 1_000)} s`;
      process.stdout.write(isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
    },
    isTTY ? 500 : 10_000,
  );
  return new Promise((resolve) => {
    const done = (code) => {
      clearInterval(ticker);
      if (isTTY) process.stdout.write("\r\u001b[2K");
      resolve({ code, said });
    };
    child.on("error", (error) => {
      said += error.message;
      done(127);
    });
    child.on("close", (code, signal) => (signal === null ? done(code) : process.exit(1)));
  });
}

function freeMegabytes() {
  const { bavail, bsize } = statfsSync(ROOT);
  return (bavail * bsize) / 1e6;
}

function sizeOfModules() {
  try {
    return Number.parseInt(execFileSync("du", ["-sm", MODULES], { encoding: "utf8" }), 10);
  } catch {
    return ABOUT_MB;
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

function fail(line) {
  console.error(line);
  process.exit(1);
}
