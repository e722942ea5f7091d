import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { ended, expectNoHole, leave, tagged } from "./recorded.ts";
import type { SentBatch } from "./site.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
const setting = inBrowser({
  "/": html(`<h1>Shop</h1><a id="next" href="/product">Product</a>
    <button id="route" onclick="history.pushState(null, '', '/routed?x=1'); document.title = 'Routed'">Route</button>
    <button id="same" onclick="history.replaceState({}, '', location.href)">Same</button>
    <a id="hash" href="#part">Part</a>`),
  "/product": html("<h1>Product</h1>"),
  "/short": html("<h1>Short</h1>", "", 'data-session-idle-minutes="5"'),
  "/framed": html("<h1>Framed</h1>"),
  // Each with the snippet, the frame's there before the page's; and one whose page has the module.
  "/around": html('<h1>Around</h1><iframe src="/product"></iframe>').replace("async", "defer"),
  "/around-by-module": `<!doctype html><h1>Around</h1><iframe src="/product"></iframe><script type="module">
    import { rrhog } from "/assets/rrhog.mjs";
    rrhog.init({ key: "dev_write_123", host: location.origin });
  </script>`,
  "/around-by-nobody": '<!doctype html><h1>Around</h1><iframe src="/product"></iframe>',
  "/plain": "<!doctype html><title>No recorder</title>",
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

/** The pages in the order of the numbers, once none of these is missing: a page that waits may have several. */
function way(): string[] {
  expectNoHole(setting.site.accepted());
  const paths = told().map(([, path]) => path);
  return paths.filter((path, i) => path !== paths[i - 1]);
}

describe("windows and sessions", () => {
  it("counts on over the pages of a tab, forth and back", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/");
    const first = await status(page);
    await page.click("#next");
    await until(() => expect(way()).toEqual(["/", "/product"]));
    await page.goBack();
    await until(() => expect(way()).toEqual(["/", "/product", "/"]));
    const ends = setting.site.accepted().filter(({ end }) => end);
    expect(ends.map(({ url }) => new URL(url).pathname)).toEqual(["/", "/product"]);
    expect(await status(page)).toMatchObject({ session_id: first?.session_id, window_id: first?.window_id });
    await until(async () => {
      const { length: acknowledged } = setting.site.accepted();
      expect(await status(page)).toMatchObject({ acknowledged, pending: 0, dropped: 0 });
    });
  });

  it("shares the session between tabs, each a window of its own", async () => {
    const one = await setting.context.newPage();
    await recorded(one, "/");
    const two = await setting.context.newPage();
    await recorded(two, "/product");
    const [a, b] = [await status(one), await status(two)];
    expect(a?.session_id).toBe(b?.session_id);
    expect(a?.window_id).not.toBe(b?.window_id);
    expect(told(b?.window_id)[0]).toEqual([0, "/product"]);
  });

  it("makes a duplicated tab a window of its own", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/");
    // Like "Duplicate tab", window.open gives the new tab a copy of this one's sessionStorage.
    const [twin] = await Promise.all([
      setting.context.waitForEvent("page"),
      page.evaluate(() => void window.open("/product")),
    ]);
    await until(async () => expect((await status(twin))?.acknowledged).toBeGreaterThan(0));
    expect((await status(twin))?.window_id).not.toBe((await status(page))?.window_id);
    expect(told((await status(twin))?.window_id)[0]).toEqual([0, "/product"]);
  });

  it("makes a tab a window of its own that was opened from a page without a recorder, and has a copy of its state", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/");
    const before = await status(page);
    await page.goto(`${setting.site.url}/plain`);
    const [twin] = await Promise.all([
      setting.context.waitForEvent("page"),
      page.evaluate(() => void window.open("/product")),
    ]);
    await until(async () => expect((await status(twin))?.acknowledged).toBeGreaterThan(0));
    await recorded(page, "/");
    const windows = [(await status(twin))?.window_id, (await status(page))?.window_id];
    // One of the two goes on, whichever comes first.
    expect(windows[0]).toBe(before?.window_id);
    expect(windows[1]).not.toBe(before?.window_id);
    expect(told(windows[1])[0]).toEqual([0, "/"]);
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

  it("begins another session with what is tracked after half an hour, and goes on while something is tracked", async () => {
    const page = await setting.context.newPage();
    await page.clock.install();
    await recorded(page, "/");
    const track = (name: string) => page.evaluate((name) => window.rrhog?.track(name), name);
    const first = (await status(page))?.session_id;
    await page.clock.fastForward("20:00");
    await track("within");
    await page.clock.fastForward("20:00");
    await track("alive");
    expect((await status(page))?.session_id).toBe(first);
    await page.clock.fastForward("02:00:00");
    await track("hours later");
    const second = (await status(page))?.session_id;
    expect(second).not.toBe(first);
    await leave(page);
    const sessions = Map.groupBy(await ended(setting.site, 2), ({ session_id }) => session_id);
    const eventsOf = (id: string | null | undefined) => sessions.get(id ?? "")?.flatMap(({ events }) => events) ?? [];
    expect(tagged(eventsOf(first), "rrhog.track").map(({ name }) => name)).toEqual(["within", "alive"]);
    const later = eventsOf(second);
    expect(later.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
    expect(tagged(later, "rrhog.track").map(({ name }) => name)).toEqual(["hours later"]);
  });

  it("goes on where the tab's other pages have counted to, when a page comes back from the back/forward cache", async () => {
    // Chromium's headless build has no such cache, so the events of one are sent by hand.
    const page = await setting.context.newPage();
    await recorded(page, "/");
    const sleep = () => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    await page.evaluate(sleep);
    await page.evaluate(() => window.rrhog?.track("while it sleeps"));
    await page.evaluate(() => document.body.append("changed while it sleeps"));
    const { length: next } = await ended(setting.site);
    await page.evaluate(() => {
      const name = "rrhog.window.dev_write_123";
      const tab = JSON.parse(sessionStorage.getItem(name) ?? "{}");
      sessionStorage.setItem(name, JSON.stringify({ ...tab, nextSeq: tab.nextSeq + 3 }));
      dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    });
    await until(() => expect(told()[next]).toEqual([next + 3, "/"]));
    const back = setting.site.accepted().find(({ seq }) => seq === next + 3);
    expect(back?.events.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
    expect(back?.events.find(({ data }) => data.tag === "rrhog.navigation")?.data.payload?.kind).toBe("pop");
    expect(JSON.stringify(back)).toContain("changed while it sleeps");
    expect(JSON.stringify(setting.site.accepted())).not.toContain('"while it sleeps"');
  });

  it("is one session for pages that begin at the same moment, each a window without a hole", async () => {
    const pages = await Promise.all(Array.from({ length: 4 }, () => setting.context.newPage()));
    await Promise.all(pages.map((page) => page.goto(setting.site.url)));
    await until(async () => {
      const standing = await Promise.all(pages.map(status));
      expect(new Set(standing.map((one) => one?.session_id)).size).toBe(1);
      expect(new Set(standing.map((one) => one?.window_id)).size).toBe(4);
    });
    await Promise.all(pages.map((page) => page.click("#route")));
    await Promise.all(pages.map(leave));
    await ended(setting.site, 4);
  });

  it("ends no session when the clock is set back, and gives no number twice when it is set forward", async () => {
    const page = await setting.context.newPage();
    await page.clock.install();
    await recorded(page, "/");
    const before = await status(page);
    const year = 365 * 24 * 3_600_000;
    await page.clock.setSystemTime(Date.now() - year);
    await page.click("#same");
    await page.clock.runFor(6_000);
    await until(async () => expect((await status(page))?.acknowledged).toBeGreaterThan(before?.acknowledged ?? 0));
    expect((await status(page))?.session_id).toBe(before?.session_id);
    // Half an hour of that clock without an action, and the session is over as any other.
    await page.clock.fastForward("31:00");
    await page.click("#same");
    await until(async () => expect((await status(page))?.session_id).not.toBe(before?.session_id));
    await page.clock.setSystemTime(Date.now() + year);
    await page.click("#same");
    await page.clock.runFor(6_000);
    await until(async () => expect((await status(page))?.pending).toBe(0));
    await leave(page);
    await ended(setting.site, 3);
    const name = ({ session_id, window_id, seq }: SentBatch) => `${session_id}/${window_id}/${seq}`;
    const sealed = new Map<string, Set<string>>();
    for (const { batch, bytes } of setting.site.deliveries) {
      sealed.set(name(batch), (sealed.get(name(batch)) ?? new Set()).add(bytes.toString("base64")));
    }
    expect([...sealed.values()].every((contents) => contents.size === 1)).toBe(true);
  });

  it("ends a session at reset, for every tab, and forgets whose it was", async () => {
    const page = await setting.context.newPage();
    const other = await setting.context.newPage();
    await recorded(page, "/");
    await page.evaluate(() => window.rrhog?.identify("ada", { email: "ada@example.com" }));
    await recorded(other, "/product");
    const before = await status(page);
    expect((await status(other))?.session_id).toBe(before?.session_id);
    await page.evaluate(() => window.rrhog?.reset());
    const after = await status(page);
    expect(after?.session_id).not.toBe(before?.session_id);
    expect(after?.window_id).not.toBe(before?.window_id);
    await page.evaluate(() => window.rrhog?.track("after"));
    // The other tab follows with the visitor's next action in it.
    await until(async () => {
      await other.click("h1");
      expect((await status(other))?.session_id).toBe(after?.session_id);
    });
    for (const left of [page, other]) {
      await until(async () => expect((await status(left))?.pending).toBe(0));
      await leave(left);
    }
    const batches = await ended(setting.site, 4);
    const of = (session?: string | null) => batches.filter(({ session_id }) => session_id === session);
    expect(of(after?.session_id).filter(({ end }) => end)).toHaveLength(2);
    expect(of(before?.session_id).filter(({ end }) => end)).toHaveLength(2);
    expect(of(before?.session_id).some(({ user }) => user?.id === "ada")).toBe(true);
    expect(of(after?.session_id).map(({ user }) => user)).toEqual(of(after?.session_id).map(() => undefined));
    const [first] = of(after?.session_id).filter(({ window_id }) => window_id === after?.window_id);
    expect(first).toMatchObject({ seq: 0 });
    expect(first?.events.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
    expect(JSON.stringify(of(after?.session_id))).toContain('"after"');
  });

  it("is not split by signing in, nor by another person's sign-in without a reset", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/");
    const before = await status(page);
    for (const id of ["ada", "bob"]) {
      await page.evaluate((who) => window.rrhog?.identify(who), id);
      await page.click("#same");
      await until(() => expect(setting.site.accepted().at(-1)?.user?.id).toBe(id));
    }
    expect(await status(page)).toMatchObject({ session_id: before?.session_id, window_id: before?.window_id });
  });

  it("lasts as long as the site says", async () => {
    const page = await setting.context.newPage();
    await page.clock.install();
    await recorded(page, "/short");
    const before = await status(page);
    await page.clock.fastForward("04:00");
    await page.click("h1");
    expect((await status(page))?.session_id).toBe(before?.session_id);
    await page.clock.fastForward("06:00");
    await page.click("h1");
    await until(async () => expect((await status(page))?.session_id).not.toBe(before?.session_id));
  });

  it("takes one snapshot after some minutes, if anything has changed, and no more than one", async () => {
    const page = await setting.context.newPage();
    await page.clock.install();
    await recorded(page, "/");
    const change = () => page.evaluate(() => document.body.append("changed"));
    await change();
    await page.clock.fastForward("04:01");
    await change();
    await page.clock.runFor(6_000);
    await until(async () => expect((await status(page))?.pending).toBe(0));
    await leave(page);
    const types = (await ended(setting.site)).flatMap(({ events }) => events.map(({ type }) => type));
    expect(types.filter((type) => type === 2)).toHaveLength(2);
  });

  it("tells the navigations of a single-page application, once each", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/");
    await page.click("#hash");
    await page.click("#same");
    await page.click("#route");
    await page.goBack();
    // A changed address is told a turn later, with the title that belongs to it.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    await leave(page);
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

  it.each(["/around", "/around-by-module"])(
    "records a frame once whose script comes before its page's: %s",
    async (path) => {
      const page = await setting.context.newPage();
      const frameIsThere = () =>
        until(async () => {
          const frame = page.frames().find((frame) => frame !== page.mainFrame());
          expect(await frame?.evaluate(() => Boolean(window.rrhog?.track))).toBe(true);
        });
      // The page's own comes late, that of the frame does not.
      await page.route(/rrhog(\.js|\.mjs)$/, async (route) => {
        if (route.request().frame() === page.mainFrame()) await frameIsThere();
        await route.continue();
      });
      await recorded(page, path);
      await until(() => expect(JSON.stringify(setting.site.accepted())).toContain("Product"));
      await leave(page);
      await ended(setting.site);
      expect(new Set(setting.site.accepted().map(({ window_id }) => window_id)).size).toBe(1);
    },
  );

  it("records a frame by itself whose page is not recorded", async () => {
    const page = await setting.context.newPage();
    await page.goto(`${setting.site.url}/around-by-nobody`);
    await until(() => expect(told().map(([, path]) => path)).toContain("/product"));
  });

  it("records a frame of its own origin once: as part of its page", async () => {
    const page = await setting.context.newPage();
    await recorded(page, "/framed");
    // A frame looks for the page's recorder, whose script may come after its own where both load at once.
    await page.evaluate(() => {
      document.body.append(Object.assign(document.createElement("iframe"), { src: "/product" }));
    });
    await until(() => expect(JSON.stringify(setting.site.accepted())).toContain("Product"));
    expect(new Set(setting.site.accepted().map(({ window_id }) => window_id)).size).toBe(1);
  });
});
