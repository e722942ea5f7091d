/** One visit with one recorder, and what it took. */
import type { Browser, Page } from "playwright-core";
import type { Recorder } from "./recorders.ts";
import { openSite } from "./site.ts";
import { minute, type Visit } from "./visits.ts";

/** Until a recorder has started: scripts fetched, settings asked for, the first snapshot taken. */
const START_MS = 2_000;
/** Each of them has compressed by then what it has recorded, and most have sent it. */
const FLUSH_MS = 6_000;
/** For what a page sends as it goes. */
const LEAVE_MS = 1_500;
/** Headless browsers are bots to some of them, and bots are not recorded. */
const USER_AGENT = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36";

export interface Cost {
  /** All that the page's main thread did, from the navigation to the last batch, ms. */
  mainThreadMs: number;
  /** The longest task in it; 0 when none took 50 ms. */
  longestMs: number;
  /** Sent by the recorder, the tail of the page included: bodies and queries. */
  bytes: number;
  requests: number;
}

export async function costOf(
  browser: Browser,
  recorder: Recorder,
  files: ReadonlyMap<string, string>,
  visit: Visit | "minute",
): Promise<Cost> {
  const site = await openSite(recorder, files);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, userAgent: USER_AGENT });
  try {
    const page = await context.newPage();
    await page.addInitScript(() => {
      const seen = window as unknown as { longest: number };
      seen.longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
      }).observe({ type: "longtask", buffered: true });
    });
    const session = await context.newCDPSession(page);
    // Of the processor, so that what else the machine does is not taken for the page's.
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.goto(`${site.url}/page?nodes=${visit === "minute" ? 1_000 : visit.nodes}`);
    await page.waitForTimeout(START_MS);
    await (visit === "minute" ? minute(page) : visit.run(page));
    if (visit !== "minute") await page.waitForTimeout(FLUSH_MS);
    const { metrics } = await session.send("Performance.getMetrics");
    const seconds = metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
    const longestMs = await longest(page);
    await page.goto("about:blank");
    await page.waitForTimeout(LEAVE_MS);
    return { mainThreadMs: seconds * 1_000, longestMs, ...site.sent };
  } finally {
    await context.close();
    site.close();
  }
}

function longest(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { longest: number }).longest);
}
