import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 20_000, interval: 50 });
const setting = inBrowser({
  "/": html(`<h1>Shop</h1><a id="next" href="/product">Product</a>
    <button id="route" onclick="history.pushState(null, '', '/routed?x=1'); document.title = 'Routed'">Route</button>
    <button id="same" onclick="history.replaceState({}, '', location.href)">Same</button>
    <a id="hash" href="#part">Part</a>`),
  "/product": html("<h1>Product</h1>"),
  "/framed": html('<h1>Framed</h1><iframe src="/product"></iframe>'),
});

const status = (page: Page) => page.evaluate(() => window.rrhog?.status());

async function recorded(page: Page, path: string): Promise<void> {
  await page.goto(setting.site.url + path);
  await until(async () => expect(await status(page)).toMatchObject({ recording: true, pending: 0 }));
  await until(async () => expect((await status(page))?.acknowledged).toBeGreaterThan(0));
}

/** seq by seq, each with the page it was sealed on. */
function told(windowId?: string | null): [number, string][] {
  return setting.site
    .accepted()
    .filter((batch) => !windowId || batch.window_id === windowId)
    .toSorted((a, b) => a.seq - b.seq)
    .map(({ seq, url }) => [seq, new URL(url).pathname]);
}

describe("windows and sessions", () => {
  it("counts on over the pages of a tab, forth and back", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/");
    const first = await status(page);
    await page.click("#next");
    await until(() =>
      expect(told()).toEqual([
        [0, "/"],
        [1, "/"],
        [2, "/product"],
      ]),
    );
    await page.goBack();
    await until(() =>
      expect(told()).toEqual([
        [0, "/"],
        [1, "/"],
        [2, "/product"],
        [3, "/product"],
        [4, "/"],
      ]),
    );
    expect(await status(page)).toMatchObject({ session_id: first?.session_id, window_id: first?.window_id });
    await until(async () => expect(await status(page)).toMatchObject({ acknowledged: 5, pending: 0, dropped: 0 }));
  });

  it("shares the session between tabs, each a window of its own", async () => {
    const one = await setting.context.newPage();
    await recorded(one, "/");
    const two = await setting.context.newPage();
    await recorded(two, "/product");
    const [a, b] = [await status(one), await status(two)];
    expect(a?.session_id).toBe(b?.session_id);
    expect(a?.window_id).not.toBe(b?.window_id);
    expect(told(b?.window_id)).toEqual([[0, "/product"]]);
  });

  it("makes a duplicated tab a window of its own", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/");
    // Like "Duplicate tab", window.open gives the new tab a copy of this one's sessionStorage.
    const [twin] = await Promise.all([
      setting.context.waitForEvent("page"),
      page.evaluate(() => void window.open("/product")),
    ]);
    await until(async () => expect((await status(twin))?.acknowledged).toBe(1));
    expect((await status(twin))?.window_id).not.toBe((await status(page))?.window_id);
    expect(told((await status(twin))?.window_id)).toEqual([[0, "/product"]]);
  });

  it("begins another session after half an hour without an action, not while only the page itself changes", async () => {
    const page = await setting.context.newPage();
    await page.clock.install();
    await recorded(page, "/");
    const before = await status(page);
    await page.clock.fastForward("31:00");
    await page.evaluate(() => document.body.append("changed by itself"));
    expect((await status(page))?.session_id).toBe(before?.session_id);
    await page.click("#route");
    await page.clock.runFor(6_000);
    await until(async () => {
      const now = await status(page);
      expect(now?.session_id).not.toBe(before?.session_id);
      expect(now).toMatchObject({ recording: true, pending: 0 });
      expect(setting.site.accepted().some(({ session_id }) => session_id === now?.session_id)).toBe(true);
    });
    const sessions = Map.groupBy(setting.site.accepted(), ({ session_id }) => session_id);
    const later = sessions.get((await status(page))?.session_id ?? "");
    expect(later?.[0]?.seq).toBe(0);
    expect(later?.[0]?.events.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
    expect(JSON.stringify(later)).toContain("changed by itself");
    const ended = sessions.get(before?.session_id ?? "");
    expect(ended?.at(-1)?.end).toBe(true);
    const times = ended?.flatMap(({ events }) => events.map(({ timestamp }) => timestamp)) ?? [];
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(30 * 60_000);
    expect(JSON.stringify(ended)).not.toContain("changed by itself");
  });

  it("tells the navigations of a single-page application, once each", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/");
    await page.click("#hash");
    await page.click("#same");
    await page.click("#route");
    await page.goBack();
    await page.close();
    const navigations = () =>
      setting.site
        .accepted()
        .flatMap(({ events }) => events)
        .filter(({ data }) => data.tag === "rrhog.navigation")
        .map(({ data }) => [data.payload?.kind, String(data.payload?.href).replace(setting.site.url, "")]);
    await until(() =>
      expect(navigations()).toEqual([
        ["load", "/"],
        ["hash", "/#part"],
        ["push", "/routed?x=1"],
        ["pop", "/#part"],
      ]),
    );
    const pushed = setting.site
      .accepted()
      .flatMap(({ events }) => events)
      .find(({ data }) => data.payload?.kind === "push");
    expect(pushed?.data.payload).toMatchObject({ title: "Routed", referrer: `${setting.site.url}/#part` });
  });

  it("records a frame of its own origin once: as part of its page", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/framed");
    await until(() => expect(JSON.stringify(setting.site.accepted())).toContain("Product"));
    expect(new Set(setting.site.accepted().map(({ window_id }) => window_id)).size).toBe(1);
  });
});
