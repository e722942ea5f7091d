/**
 * Makes the recordings: `npm run build:sdk && node demo/record-visitors.ts [name …]`. Each scripted visitor uses the
 * shop in Chromium with the recorder as it ships; what the recorder sends is what is stored.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { chromiumLaunchOptions } from "../test/support/chromium.ts";
import { type RecordedBatch, writeRecording } from "./recording.ts";
import { startRecordingEdge } from "./recording-edge.ts";
import { shopApp } from "./shop-app.ts";
import { visitorHand } from "./visitor-hand.ts";
import { type RecordedWindow, VISITORS, type Visitor } from "./visitors.ts";

/** The names that the recordings show: Chromium resolves them to the servers of this script. */
const SHOP = "http://tern-and-tide.example";
const EDGE = "http://in.tern-and-tide.example";
/** Two cores, and mouse moves that should not stutter. */
const AT_ONCE = 3;

const names = process.argv.slice(2);
const queue = VISITORS.filter(({ name }) => names.length === 0 || names.includes(name));
const edge = await startRecordingEdge(new URL("../sdk/dist/rrhog.js", import.meta.url));
const shop = createServer(
  getRequestListener(shopApp({ EDGE_URL: EDGE, UI_URL: "http://127.0.0.1:3000", WRITE_KEY: "dev_write_123" }).fetch),
);
await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
const browser = await launchBrowser((shop.address() as AddressInfo).port, edge.port);

await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let visitor = queue.shift(); visitor; visitor = queue.shift()) await record(visitor);
  }),
);
await browser.close();
edge.close();
shop.close();
shop.closeAllConnections();

async function launchBrowser(shopPort: number, edgePort: number): Promise<Browser> {
  const options = await chromiumLaunchOptions();
  const rules = [`MAP ${new URL(SHOP).host} 127.0.0.1:${shopPort}`, `MAP ${new URL(EDGE).host} 127.0.0.1:${edgePort}`];
  return chromium.launch({ ...options, args: [...options.args, `--host-resolver-rules=${rules.join(",")}`] });
}

async function record(visitor: Visitor): Promise<void> {
  const { name, minutesAgo, device, referrer } = visitor;
  const context = await browser.newContext(device);
  const seed = VISITORS.indexOf(visitor) + 1;
  const page = await context.newPage();
  await page.goto(`${SHOP}/`, referrer ? { referer: referrer } : {});
  await visitor.visit(visitorHand(page, seed, device.hasTouch ?? false), page, async (path) => {
    const tab = await context.newPage();
    await tab.goto(`${SHOP}${path}`);
    return visitorHand(tab, seed + 100, device.hasTouch ?? false);
  });
  const sent = await leave(context, page);
  const batches = sent.filter((batch) => !visitor.loses?.(batch));
  await writeRecording({ name, user_agent: device.userAgent, minutes_ago: minutesAgo, batches });
  console.log(`${name}: ${batches.length} batches${batches.length < sent.length ? ", one lost on purpose" : ""}`);
}

/** Closes all tabs and waits for the last words of each. */
async function leave(context: BrowserContext, page: Page): Promise<RecordedBatch[]> {
  const sessionId = await page.evaluate(() => (window as RecordedWindow).rrhog?.status()?.session_id);
  const ofSession = () => [...edge.batches.values()].filter(({ session_id }) => session_id === sessionId);
  for (const tab of context.pages()) await tab.close();
  const hasEnded = () => {
    const last = new Map(ofSession().map((batch) => [batch.window_id, batch]));
    return [...last.values()].every(({ end }) => end === true);
  };
  for (let tries = 0; tries < 50 && !hasEnded(); tries++) await wait(100);
  await context.close();
  if (!hasEnded()) throw new Error("a tab was closed and its end never came");
  return ofSession().sort((a, b) => a.sealed_at - b.sealed_at || a.seq - b.seq);
}
