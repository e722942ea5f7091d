/**
 * Makes the recordings in test/recordings/ again: real applications from npm, used by scripted visitors in Chromium,
 * recorded by rrweb. `node test/record-apps.ts [name …]`. The results are committed, so tests do not depend on a run.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { constants, gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { VISITS, type Visit } from "./recordings/visits.ts";
import { serveApps } from "./support/app-site.ts";
import { launchChromium } from "./support/chromium.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** Runs before the application: rrweb keeps each event as the text it will be sent as. Skipped time makes pauses long and runs short. */
const RECORDER = `
  const realNow = Date.now.bind(Date);
  let skippedMs = Number(sessionStorage.getItem("skipped"));
  window.skipTime = (ms) => { skippedMs += ms; sessionStorage.setItem("skipped", skippedMs); };
  Date.now = () => realNow() + skippedMs;
`;
const RECORD = `
  window.recorded = [];
  rrwebRecord.record({ emit: (event) => window.recorded.push(JSON.stringify(event)), inlineStylesheet: true });
`;

async function main(names: string[]) {
  const visits = VISITS.filter(({ name }) => names.length === 0 || names.includes(name));
  const rrweb = await readFile(join(ROOT, "node_modules/@rrweb/record/dist/record.umd.min.cjs"), "utf8");
  const site = await serveApps(RECORDER + rrweb + RECORD);
  const browser = await launchChromium();
  try {
    for (const visit of visits) await record(browser, site.url, visit);
  } finally {
    await browser.close();
    site.close();
  }
}

async function record(browser: Browser, origin: string, visit: Visit) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${origin}/${visit.name}.html`);
  const events: string[] = [];
  const keep = async () => void events.push(...(await page.evaluate(() => window.recorded.splice(0))));
  await visit.run(page, () => page.evaluate(() => window.recorded.length), keep);
  await keep();
  await page.close();
  const file = join(import.meta.dirname, "recordings", `${visit.name}.json.gz`);
  const packed = gzipSync(`[${events.join(",\n")}]`, { level: constants.Z_BEST_COMPRESSION });
  await writeFile(file, packed);
  console.log(`${visit.name}: ${events.length} events, ${packed.byteLength} bytes packed`);
}

declare global {
  interface Window {
    recorded: string[];
  }
}

/** The applications, what they load from node_modules, and an API that answers the explorer. */
await main(process.argv.slice(2));
