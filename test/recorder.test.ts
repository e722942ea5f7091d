/** The recorder in real applications and on bad days, through a whole stack: what it saw is what is replayed, and the ledger is whole. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { readEvents } from "#cli/read-back.ts";
import { storedBatches } from "#sdk/test/recorded.ts";
import { type AppSite, serveApps } from "./support/app-site.ts";
import { type BadLink, openBadLink, type Weather } from "./support/bad-link.ts";
import { chromiumLaunchOptions, launchChromium } from "./support/chromium.ts";
import { signIn } from "./support/console-page.ts";
import { processesOf, signalEach } from "./support/processes.ts";
import { type RunningStack, startStack } from "./support/running-stack.ts";

const KEY = "dev_write_123";
const REPLAY = ".replayer-wrapper iframe";

let stack: RunningStack;
let browser: Browser;
let link: BadLink;
let site: AppSite;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchChromium()]);
  link = await openBadLink(stack.addresses.edgeUrl);
  site = await serveApps(`
    window.skipTime = () => {};
    const script = document.createElement("script");
    script.src = "${link.url}/rrhog.js";
    script.dataset.key = "${KEY}";
    script.dataset.host = "${link.url}";
    document.head.append(script);`);
});
afterAll(async () => {
  site?.close();
  link?.close();
  await browser?.close();
  await stack?.stop();
});

/** Of what the script puts on `window`. */
interface Recorded {
  rrhog?: { status(): unknown; track(name: string): void };
}

const Status = z.object({
  recording: z.boolean(),
  session_id: z.string(),
  acknowledged: z.number(),
  pending: z.number(),
});

async function statusOf(page: Page): Promise<z.infer<typeof Status>> {
  return Status.parse(await page.evaluate(() => (window as Recorded).rrhog?.status()));
}

/** Until the page's recorder records, and its first batch has its 202. */
async function recording(page: Page): Promise<string> {
  return vi.waitFor(
    async () => {
      const { acknowledged, session_id } = await statusOf(page);
      expect(acknowledged).toBeGreaterThan(0);
      return session_id;
    },
    { timeout: 90_000, interval: 50 },
  );
}

/**
 * The text of a page, or of what a frame in it replays, that a person could read, in shadow trees too, however it is broken
 * into lines. What people choose is masked in the recording, and what they write, which shows as stars.
 */
async function textIn(page: Page, frameSelector: string | null): Promise<string> {
  const text = await page.evaluate((selector) => {
    const frame = selector === null ? null : document.querySelector<HTMLIFrameElement>(selector);
    const body = (selector === null ? document : frame?.contentDocument)?.body;
    const textOf = (node: Node): string => {
      if (node.nodeType === Node.TEXT_NODE) {
        const text = node.nodeValue ?? "";
        return node.parentElement?.isContentEditable && text.trim() !== "" ? "********" : text;
      }
      if (/^(script|style|noscript|textarea|select|iframe)$/i.test(node.nodeName)) return "";
      const roots = [(node as Element).shadowRoot, node].filter((root) => root !== null && root !== undefined);
      return roots.map((root) => [...root.childNodes].map(textOf).join("")).join("");
    };
    return body ? textOf(body) : "";
  }, frameSelector);
  return text.replace(/\s+/g, " ").trim();
}

/** Where two texts part, with a little of each; null where they are equal. */
function differenceOf(replayed: string, seen: string): { replayed: string; seen: string } | null {
  if (replayed === seen) return null;
  let at = 0;
  while (replayed[at] === seen[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 40), at + 80);
  return { replayed: around(replayed), seen: around(seen) };
}

interface Moment {
  at: number;
  text: string;
}

/** What the page says now. Called when nothing in it moves. */
async function momentOf(page: Page): Promise<Moment> {
  // With what a visitor does the recorder tells what it has put off, if the page kept it too busy.
  await page.mouse.move(1, 1);
  await page.waitForTimeout(600);
  const moment = { at: await page.evaluate(() => Date.now()), text: await textIn(page, null) };
  await page.waitForTimeout(600);
  return moment;
}

/** A visit to each application, and the moments at which the replay is held against it. */
const VISITS: Record<string, (page: Page, moment: () => Promise<void>) => Promise<void>> = {
  async "staff-table"(page, moment) {
    await page.locator(".tabulator-row").first().waitFor();
    await moment();
    await page.locator(".tabulator-col[tabulator-field=salary] .tabulator-col-title").click();
    await moment();
    await page.mouse.move(400, 400);
    for (let notch = 0; notch < 6; notch++) await page.mouse.wheel(0, 240);
    await moment();
  },
  async "api-explorer"(page, moment) {
    const operation = page.locator(".opblock").filter({ hasText: "Search the catalogue" }).first();
    await operation.locator(".opblock-summary").click();
    await moment();
    await operation.getByRole("button", { name: "Try it out" }).click();
    await operation.getByRole("button", { name: "Execute" }).click();
    await operation.locator(".responses-inner .response-col_status").first().waitFor();
    await moment();
  },
  async "text-editor"(page, moment) {
    await page.locator(".ql-editor p").click();
    await page.keyboard.press("End");
    await page.keyboard.type(" Nothing else was.");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ControlOrMeta+b");
    await page.keyboard.type("Signed by both");
    await moment();
    await page.keyboard.press("ControlOrMeta+a");
    await page.locator('.ql-toolbar button[value="bullet"]').click();
    await page.keyboard.press("ControlOrMeta+z");
    await page.keyboard.press("ControlOrMeta+z");
    await moment();
  },
  async "component-gallery"(page, moment) {
    await page.locator("wa-card").getByText("Everything of the plan").waitFor();
    await moment();
    await page.locator("wa-tab", { hasText: "People" }).click();
    await page.locator("wa-switch").click();
    await moment();
    await page.locator("#open").click();
    await page.waitForFunction(() => document.querySelector("wa-dialog")?.shadowRoot?.querySelector("dialog")?.open);
    await moment();
  },
  async "price-board"(page, moment) {
    await page.evaluate(() => (window as unknown as { tick(times: number): Promise<void> }).tick(300));
    await moment();
  },
};

describe("a real application", () => {
  it.each(Object.entries(VISITS))("%s is replayed with the text that it had, at each moment", async (name, visit) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${site.url}/${name}.html`);
    const sessionId = await recording(page);
    const moments: Moment[] = [];
    await visit(page, async () => void moments.push(await momentOf(page)));
    await delivered(page);
    await page.goto("about:blank");
    await page.close();
    const events = await stored(sessionId, (texts) => texts.some((text) => text.includes("rrhog.leave")));
    const beganAt = Math.min(...events.map((text) => (JSON.parse(text) as { timestamp: number }).timestamp));

    const console_ = await signIn(await browser.newContext(), stack.addresses.uiUrl);
    for (const { at, text } of moments) {
      expect(text.length).toBeGreaterThan(100);
      const seconds = (at - beganAt) / 1_000;
      await console_.goto(`${stack.addresses.uiUrl}/projects/1/sessions/${sessionId}?t=${seconds}`);
      await vi.waitFor(async () => expect(differenceOf(await textIn(console_, REPLAY), text)).toBeNull(), {
        timeout: 90_000,
        interval: 200,
      });
    }
    await console_.context().close();
  });
});

const Ledger = z.object({
  complete: z.boolean().nullable(),
  why: z.string().nullable(),
  windows: z.array(
    z.object({
      missing: z.array(z.unknown()),
      dropped: z.array(z.object({ reason: z.string() })),
      conflicts: z.array(z.unknown()),
      end: z.boolean(),
    }),
  ),
});

async function ledgerOf(sessionId: string): Promise<z.infer<typeof Ledger>> {
  const url = `${stack.addresses.apiUrl}/v1/projects/1/sessions/${sessionId}/ledger`;
  const response = await fetch(url, { headers: { authorization: "Bearer dev_read_123" } });
  return Ledger.parse(await response.json());
}

/** The session's events, once they are as `isWhole` says. */
async function stored(sessionId: string, isWhole: (events: string[]) => boolean): Promise<string[]> {
  const reading = { apiUrl: stack.addresses.apiUrl, readKey: "dev_read_123", projectId: 1, sessionId };
  return vi.waitFor(
    async () => {
      const events = await readEvents("ndjson", reading);
      if (!isWhole(events)) throw new Error(`${events.length} events, and not all that there must be`);
      return events;
    },
    { timeout: 90_000, interval: 250 },
  );
}

/** Marks of a visit, to be found again each once and in their order. */
async function mark(page: Page, name: string): Promise<void> {
  await page.evaluate((told) => (window as Recorded).rrhog?.track(told), name);
}

function marksOf(events: string[]): string[] {
  return events.flatMap((text) => {
    const { data } = JSON.parse(text) as { data?: { tag?: string; payload?: { name?: string } } };
    return data?.tag === "rrhog.track" ? [data.payload?.name ?? ""] : [];
  });
}

/** Seals what waits: a hidden page does, and is shown again at once. */
async function sealed(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const state of ["hidden", "visible"]) {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
      document.dispatchEvent(new Event("visibilitychange"));
    }
  });
}

async function allAcknowledged(page: Page): Promise<void> {
  await vi.waitFor(async () => expect((await statusOf(page)).pending).toBe(0), { timeout: 90_000, interval: 100 });
}

/** Seals what waits, and goes on once it has its 202. */
async function delivered(page: Page): Promise<void> {
  const before = (await statusOf(page)).acknowledged;
  await sealed(page);
  await vi.waitFor(async () => expect((await statusOf(page)).acknowledged).toBeGreaterThan(before), {
    timeout: 90_000,
    interval: 100,
  });
  await allAcknowledged(page);
}

describe("a visit on a bad day", () => {
  it("is whole in the end, though servers fail, refuse for now, are slow, and lose answers and batches", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/oddities.html`);
    const sessionId = await recording(page);
    const told: string[] = [];
    for (const weather of ["500", "429", "slow", "reset", "cut"] satisfies Weather[]) {
      const before = link.met[weather];
      link.weather = weather;
      told.push(`in ${weather}`);
      await mark(page, `in ${weather}`);
      await sealed(page);
      await vi.waitFor(() => expect(link.met[weather]).toBeGreaterThan(before), { timeout: 90_000 });
      link.weather = "fair";
      await allAcknowledged(page);
    }
    await page.context().setOffline(true);
    for (let second = 0; second < 5; second++) {
      told.push(`offline ${second}`);
      await mark(page, `offline ${second}`);
      await sealed(page);
      await page.waitForTimeout(300);
    }
    await page.context().setOffline(false);
    await allAcknowledged(page);
    // Away in the middle of a batch, and back.
    told.push("leaving");
    await mark(page, "leaving");
    await sealed(page);
    await page.goto(`${site.url}/staff-table.html`);
    await page.locator(".tabulator-row").first().waitFor();
    told.push("arrived");
    await mark(page, "arrived");
    // Its first snapshot is more than a page that goes could take along, and nobody visits again.
    await delivered(page);
    await page.goto("about:blank");
    await page.close();

    const events = await stored(sessionId, (texts) => marksOf(texts).length >= told.length);
    expect(marksOf(events)).toEqual(told);
    await vi.waitFor(async () => expect(await ledgerOf(sessionId)).toMatchObject({ complete: true, why: null }), {
      timeout: 90_000,
    });
  });

  it("names in its ledger what a server would not take, and shows the page whole again", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/oddities.html`);
    const sessionId = await recording(page);
    link.weather = "413";
    await mark(page, "too large for the server");
    await sealed(page);
    await vi.waitFor(() => expect(link.met["413"]).toBeGreaterThan(0), { timeout: 90_000 });
    link.weather = "fair";
    await mark(page, "after it");
    await delivered(page);
    await page.goto("about:blank");
    await page.close();
    const events = await stored(sessionId, (texts) => texts.some((text) => text.includes("rrhog.leave")));
    expect(marksOf(events)).toEqual(["after it"]);
    const fullSnapshots = events.filter((text) => (JSON.parse(text) as { type: number }).type === 2);
    expect(fullSnapshots.length).toBeGreaterThan(1);
    const { why, windows } = await ledgerOf(sessionId);
    expect(why).toBe("dropped");
    expect(windows).toMatchObject([{ missing: [], dropped: [{ reason: "too_large" }], conflicts: [] }]);
  });

  it("loses nothing that was sealed when its tab, or the browser, is killed: the next visit sends it", async () => {
    const profile = await mkdtemp(join(tmpdir(), "rrhog-profile-"));
    const open = async (): Promise<BrowserContext> =>
      chromium.launchPersistentContext(profile, await chromiumLaunchOptions());
    const told: string[] = [];
    let context = await open();
    try {
      const tab = await context.newPage();
      await tab.goto(`${site.url}/oddities.html`);
      const sessionId = await recording(tab);
      link.weather = "cut";
      told.push("before the tab was killed");
      await mark(tab, told[0] as string);
      await sealed(tab);
      await stays(tab, told[0] as string);
      const debugging = await context.newCDPSession(tab);
      const crashed = tab.waitForEvent("crash");
      debugging.send("Page.crash").catch(() => {}); // nobody is left to answer it
      await crashed;

      const other = await context.newPage();
      await other.goto(`${site.url}/oddities.html`);
      await vi.waitFor(async () => expect((await statusOf(other)).recording).toBe(true), { timeout: 90_000 });
      told.push("before the browser was killed");
      await mark(other, told[1] as string);
      await sealed(other);
      await stays(other, told[1] as string);
      signalEach(
        processesOf(profile).map(({ pid }) => pid),
        "SIGKILL",
      );
      await context.close().catch(() => {});

      link.weather = "fair";
      context = await open();
      const next = await context.newPage();
      await next.clock.install();
      await next.goto(`${site.url}/oddities.html`);
      expect(await recording(next)).toBe(sessionId);
      // What another window left is taken for left after twenty seconds.
      await next.clock.fastForward(21_000);
      const events = await stored(sessionId, (texts) => marksOf(texts).length >= told.length);
      expect(marksOf(events).toSorted()).toEqual(told.toSorted());
      for (const { missing, dropped, conflicts } of (await ledgerOf(sessionId)).windows) {
        expect({ missing, dropped, conflicts }).toEqual({ missing: [], dropped: [], conflicts: [] });
      }
    } finally {
      link.weather = "fair";
      await context.close().catch(() => {});
      await rm(profile, { recursive: true, force: true });
    }
  });
});

/** Until the batch with this mark lies in the browser's storage, which outlives the browser. */
async function stays(page: Page, mark: string): Promise<void> {
  const hasMark = ({ events }: { events: string }) => events.includes(mark);
  await vi.waitFor(async () => expect((await storedBatches(page)).some(hasMark)).toBe(true), { timeout: 90_000 });
}
