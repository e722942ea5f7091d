import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { sentAfter, storedBatches } from "./recorded.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
const shop = '<h1>Shop</h1><button id="buy">Buy</button>';
const setting = inBrowser({
  "/": html(shop),
  "/still": html(shop, "", 'data-autostart="false"'),
  "/gpc": html(shop, "", "data-respect-gpc"),
  "/elsewhere": html(shop, "", 'data-allow-domains="shop.example, *.shop.example"'),
  "/here": html(shop, "", 'data-allow-domains="*.shop.example, 127.0.0.1"'),
  "/plain": "<!doctype html><title>No recorder</title>",
});

const status = (page: Page) => page.evaluate(() => window.rrhog?.status());

async function open(path: string): Promise<Page> {
  const page = await setting.context.newPage();
  await page.goto(setting.site.url + path);
  await until(async () => expect(await status(page)).toBeTruthy());
  return page;
}

/** Each name in the browser's storage, and each batch. */
async function stored(page: Page): Promise<string[]> {
  const names = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
  return [...names, ...(await storedBatches(page)).map(({ name }) => name)];
}

describe("consent first", () => {
  it("stores nothing, asks nothing and sends nothing before start, and answers all the same", async () => {
    const { site } = setting;
    const page = await open("/still");
    await page.evaluate(() => window.rrhog?.identify("ada", { plan: "pro" }));
    await page.click("#buy");
    expect(await status(page)).toEqual({
      recording: false,
      state: "waiting",
      session_id: null,
      window_id: null,
      acknowledged: 0,
      pending: 0,
      dropped: 0,
      retry_at: null,
    });
    expect(await stored(page)).toEqual([]);
    expect(await page.evaluate(() => indexedDB.databases())).toEqual([]);
    await page.goto(`${site.url}/plain`);
    expect(await stored(page)).toEqual([]);
    expect([site.configAsked, site.deliveries.length]).toEqual([0, 0]);
  });

  it("knows from start on who the visitor is, who was named before", async () => {
    const page = await open("/still");
    await page.evaluate(() => window.rrhog?.identify("ada", { plan: "pro" }));
    await page.evaluate(() => window.rrhog?.start());
    await until(() => expect(setting.site.accepted()[0]).toMatchObject({ seq: 0, user: { id: "ada", plan: "pro" } }));
  });
});

describe("opting out", () => {
  it("ends the recording in all tabs, gives up what is unsent, and leaves its own mark alone in the storage", async () => {
    const { site } = setting;
    const other = await open("/");
    const page = await open("/");
    await until(() => expect(new Set(site.accepted().map(({ window_id }) => window_id)).size).toBe(2));
    site.answer = () => ({ status: 503 });
    await page.evaluate(() => window.rrhog?.track("bought"));
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.evaluate(() => window.rrhog?.stop());
    await until(async () => expect((await status(page))?.pending).toBeGreaterThan(0));
    await page.evaluate(() => window.rrhog?.optOut());
    expect(await page.evaluate(() => window.rrhog?.hasOptedOut())).toBe(true);
    expect(await status(page)).toMatchObject({ recording: false, session_id: null, pending: 0 });
    await until(async () => expect(await status(other)).toMatchObject({ recording: false, session_id: null }));
    await until(async () => expect(await stored(page)).toEqual(["rrhog.opted_out"]));

    const at = await other.evaluate(() => Date.now());
    await page.evaluate(() => window.rrhog?.start());
    await page.goto(`${site.url}/here`);
    await page.click("#buy");
    await other.click("#buy");
    await other.goto(`${site.url}/plain`);
    expect(await stored(other)).toEqual(["rrhog.opted_out"]);
    expect(sentAfter(at, site)).toEqual([]);
  });

  it("is remembered where the site has filled its storage: what the recorder had there makes room", async () => {
    const page = await open("/");
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await page.evaluate(() => {
      let size = 1 << 22;
      for (let i = 0; size >= 1; i++) {
        try {
          localStorage.setItem(`f${i}`, "x".repeat(size));
        } catch {
          size >>= 1;
        }
      }
      window.rrhog?.optOut();
    });
    await page.goto(`${setting.site.url}/still`);
    expect(await page.evaluate(() => window.rrhog?.hasOptedOut())).toBe(true);
  });

  it("deletes also what earlier pages stored, on a page that does not record", async () => {
    const { site } = setting;
    site.answer = () => ({ status: 503 });
    const page = await open("/");
    await until(() => expect(site.deliveries).not.toHaveLength(0));
    await page.goto(`${site.url}/still`);
    expect(await stored(page)).not.toEqual([]);
    await page.evaluate(() => window.rrhog?.optOut());
    await until(async () => expect(await stored(page)).toEqual(["rrhog.opted_out"]));
  });

  it("is taken back by optIn: start records again, in another session, on the same page too", async () => {
    const { site } = setting;
    const page = await open("/");
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    await page.evaluate(() => window.rrhog?.optOut());
    await page.evaluate(() => window.rrhog?.optIn());
    expect(await status(page)).toMatchObject({ recording: false });
    await page.evaluate(() => window.rrhog?.start());
    await until(() => expect(new Set(site.accepted().map(({ session_id }) => session_id)).size).toBe(2));
    const [before] = site.accepted();
    const after = site.accepted().find(({ session_id }) => session_id !== before?.session_id);
    expect(after?.seq).toBe(0);
    expect(await page.evaluate(() => window.rrhog?.hasOptedOut())).toBe(false);
  });
});

describe("Global Privacy Control", () => {
  it("keeps the recorder still by setting", async () => {
    const { site, context } = setting;
    await context.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }));
    const page = await open("/gpc");
    await page.evaluate(() => window.rrhog?.start());
    expect(await status(page)).toMatchObject({ recording: false });
    expect(await stored(page)).toEqual([]);
    // Without the setting it is not asked.
    await page.goto(`${site.url}/`);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    expect(new Set(site.deliveries.map(({ batch }) => new URL(batch.url).pathname))).toEqual(new Set(["/"]));
  });

  it("that is not sent keeps nothing", async () => {
    await open("/gpc");
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
  });
});

describe("allowDomains", () => {
  it("keeps the recorder still on all other hosts", async () => {
    const page = await open("/elsewhere");
    await page.evaluate(() => window.rrhog?.start());
    expect(await status(page)).toMatchObject({ recording: false });
    expect(await stored(page)).toEqual([]);
    await page.goto(`${setting.site.url}/here`);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    expect(setting.site.accepted()[0]?.url).toContain("/here");
  });
});
