import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { isSampledIn } from "../../protocol/sampling.ts";
import { html, inBrowser } from "./browser.ts";
import { ended, expectNoHole, leave, storedBatches } from "./recorded.ts";
import type { SentBatch, SentEvent } from "./site.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
const buttons = `<button id="buy">Buy</button>
  <button id="throw" onclick="throw new Error('broken')">Throw</button>
  <button id="reject" onclick="Promise.reject(new Error('refused'))">Reject</button>
  <button id="observe" onclick="dispatchEvent(new ErrorEvent('error', { message: 'ResizeObserver loop completed' }))">Observe</button>
  <a id="next" href="/next">Next</a>`;
/** A single-page application: each route has a heading of its own. */
const application = `<h1>Home</h1><script>
  function show(path) { history.pushState(null, "", path); document.querySelector("h1").textContent = "At " + path; }
</script>`;
const setting = inBrowser({
  "/": html(`<h1>Shop</h1>${buttons}`),
  "/next": html(`<h1>Next</h1>${buttons}`),
  "/some": html(`<h1>Some</h1>${buttons}`, "", 'data-sample-rate="0.5"'),
  "/on-error": html(`<h1>On error</h1>${buttons}`, "", 'data-sample-rate="0" data-sample-on-error'),
  "/on-error/next": html(`<h1>Next</h1>${buttons}`, "", 'data-sample-rate="0" data-sample-on-error'),
  "/on-event": html(`<h1>On event</h1>${buttons}`, "", 'data-start-on-event="checkout"'),
  "/long": html(`<h1>Long</h1>${buttons}`, "", 'data-min-duration-ms="60000"'),
  "/long/next": html(`<h1>Next</h1>${buttons}`, "", 'data-min-duration-ms="60000"'),
  "/app": html(application, "", 'data-ignore-urls="/secret*, *token=*"'),
  "/secret/page": html("<h1>Secret</h1>", "", 'data-ignore-urls="/secret*"'),
  "/only": html(application, "", 'data-record-urls="/only,/shop/*"'),
  "/regexp": `<!doctype html><script src="/rrhog.js"></script>${application}
    <script>rrhog.init({ key: "dev_write_123", host: location.origin, ignoreUrls: [/\\/orders\\/\\d+/] })</script>`,
  "/released": html(`<h1>Released</h1>${buttons}`, "", 'data-release="2.4.1" data-environment="production"'),
  "/plain": "<!doctype html><title>No recorder</title>",
});

const status = (page: Page) => page.evaluate(() => window.rrhog?.status());
const state = async (page: Page) => (await status(page))?.state;
const settings = (recorder: object, members: object = {}) => ({
  status: 200,
  body: { v: 1, sample_rate: 1, recording: true, retention_days: 90, recorder, ...members },
});
const isTyped = (type: number) => (event: SentEvent) => event.type === type;
const tagged = (batches: SentBatch[], tag: string) =>
  batches.flatMap(({ events }) => events).filter(({ data }) => data.tag === tag);
const text = () => JSON.stringify(setting.site.deliveries.map(({ facts, batch }) => [facts, batch]));
const paths = () => setting.site.accepted().map(({ url }) => new URL(url).pathname);

async function opened(path: string): Promise<Page> {
  const page = await setting.context.newPage();
  await page.goto(setting.site.url + path);
  await until(async () => expect(await status(page)).not.toBeNull());
  return page;
}

/** Its time goes on by `runFor` alone. */
async function openedInFrozenTime(path: string): Promise<Page> {
  const page = await setting.context.newPage();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.goto(setting.site.url + path);
  await until(async () => {
    await page.clock.runFor(50);
    expect(await status(page)).not.toBeNull();
  });
  await until(() => expect(setting.site.configAsked).toBeGreaterThan(0));
  return page;
}

/** What a window told, without holes, each window of the one session. */
function expectWhole(batches: SentBatch[]): void {
  expect(new Set(batches.map(({ session_id }) => session_id)).size).toBe(1);
  expectNoHole(batches);
  expect(batches.flatMap(({ dropped }) => dropped ?? [])).toEqual([]);
}

/** As rrweb's own player shows it. */
async function headingAtTheEnd(events: SentEvent[]): Promise<string | undefined> {
  const page = await setting.context.newPage();
  await page.goto(`${setting.site.url}/plain`);
  const main = createRequire(import.meta.url).resolve("rrweb");
  await page.addScriptTag({ path: main.replace(/rrweb\.cjs$/, "rrweb.umd.min.cjs") });
  return page.evaluate((recorded) => {
    const { Replayer } = (window as unknown as { rrweb: typeof import("rrweb") }).rrweb;
    const replayer = new Replayer(recorded as ConstructorParameters<typeof Replayer>[0]);
    // What stands at the very last millisecond is applied only past it.
    replayer.pause(replayer.getMetaData().totalTime + 1);
    return replayer.iframe.contentDocument?.querySelector("h1")?.textContent ?? undefined;
  }, events);
}

/** Gives the browser time to send what it should not: a later page's batch, by the same browser, has arrived. */
async function settled(): Promise<void> {
  const accepted = setting.site.accepted().length;
  const page = await setting.context.newPage();
  await page.goto(`${setting.site.url}/released`);
  await until(() => expect(setting.site.accepted().length).toBeGreaterThan(accepted));
  await page.close();
}

describe("release and environment", () => {
  it("stand in every envelope, and in an event after the first snapshot of each page and session", async () => {
    const page = await opened("/released");
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    const [first] = setting.site.accepted();
    expect(first).toMatchObject({ release: "2.4.1", environment: "production" });
    const types = first?.events.map(({ type, data }) => data.tag ?? type) ?? [];
    expect(types.slice(types.indexOf(2), types.indexOf(2) + 3)).toEqual([2, "rrhog.session", "rrhog.navigation"]);
    expect(tagged([first as SentBatch], "rrhog.session")[0]?.data.payload).toEqual({
      release: "2.4.1",
      environment: "production",
      sdk: "@rrhog/browser 0.1.0",
      language: await page.evaluate(() => navigator.language),
    });
    await page.evaluate(() => window.rrhog?.reset());
    await until(async () => expect((await status(page))?.acknowledged).toBeGreaterThan(0));
    const sessions = Map.groupBy(setting.site.accepted(), ({ session_id }) => session_id);
    expect(sessions.size).toBe(2);
    for (const batches of sessions.values()) expect(tagged(batches, "rrhog.session")).toHaveLength(1);
  });

  it("are cut where the edge would refuse them, and told where they are not set", async () => {
    const page = await setting.context.newPage();
    await page.route("**/released", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace("2.4.1", "r".repeat(500)) });
    });
    await page.goto(`${setting.site.url}/released`);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    expect(setting.site.accepted()[0]).toMatchObject({ release: "r".repeat(128) });
    await page.goto(setting.site.url);
    await until(() => expect(paths()).toContain("/"));
    expect(setting.site.accepted().find(({ url }) => url === `${setting.site.url}/`)).not.toHaveProperty("release");
  });
});

describe("a rate of the site's own", () => {
  it.each([true, false])("takes whole sessions, by the same draw as the edge: taken %s", async (isTaken) => {
    const ids = Array.from({ length: 100 }, () => crypto.randomUUID());
    const id = ids.find((candidate) => isSampledIn(candidate, 0.5) === isTaken);
    const page = await setting.context.newPage();
    await page.goto(`${setting.site.url}/plain`);
    await page.evaluate((session) => {
      const now = Date.now();
      const visit = JSON.stringify({ id: session, startedAt: now, activeAt: now });
      localStorage.setItem("rrhog.session.dev_write_123", visit);
    }, id);
    await page.goto(`${setting.site.url}/some`);
    await until(async () =>
      expect(await status(page)).toMatchObject({
        session_id: id,
        recording: isTaken,
        state: isTaken ? "recording" : "sampled_out",
        pending: 0,
      }),
    );
    await page.click("#buy");
    if (isTaken) await until(() => expect(paths()).toContain("/some"));
    await page.goto(`${setting.site.url}/plain`);
    if (!isTaken) await settled();
    expect(paths().includes("/some")).toBe(isTaken);
  });
});

describe("a session that is recorded on error", () => {
  it.each(["#throw", "#reject"])(
    "is sent from before %s on, over later pages and other tabs, without a hole",
    async (how) => {
      const page = await opened("/on-error");
      const other = await opened("/on-error/next");
      await page.click("#buy");
      await page.click("#observe");
      expect(await status(page)).toMatchObject({ state: "buffering", recording: true, pending: 0 });
      await page.evaluate(() => window.rrhog?.track("before"));
      await page.click(how);
      await until(() => expect(tagged(setting.site.accepted(), "rrhog.track")).toHaveLength(1));
      expect(await state(page)).toBe("recording");
      await until(async () => expect(await state(other)).toBe("recording"));

      await page.goto(`${setting.site.url}/on-error/next`);
      await until(async () => expect(await status(page)).toMatchObject({ state: "recording", pending: 0 }));
      await until(() => expect(new Set(setting.site.accepted().map(({ window_id }) => window_id)).size).toBe(2));
      for (const left of [page, other]) await leave(left);
      await ended(setting.site, 3);
      expectWhole(setting.site.accepted());
      for (const window of Map.groupBy(setting.site.accepted(), ({ window_id }) => window_id).values()) {
        const [first] = window.toSorted((a, b) => a.seq - b.seq);
        expect(first?.events.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
      }
      expect(tagged(setting.site.accepted(), "rrhog.session")).toHaveLength(3);
      expect(tagged(setting.site.accepted(), "rrhog.navigation").map(({ data }) => data.payload?.kind)).toEqual([
        "load",
        "load",
        "load",
      ]);
    },
  );

  it("is none without an error, nor by the noise of resize observers, over pages", async () => {
    const page = await opened("/on-error");
    await page.click("#buy");
    await page.click("#observe");
    await page.goto(`${setting.site.url}/on-error/next`);
    await until(async () => expect(await state(page)).toBe("buffering"));
    await page.close();
    await settled();
    expect(paths()).not.toContain("/on-error");
    expect(paths()).not.toContain("/on-error/next");
  });

  it("begins in the last minute or two, however long the page was open", async () => {
    const page = await openedInFrozenTime("/on-error");
    const marks = ["a", "b", "c", "d", "e", "f"];
    for (const mark of marks) {
      await page.evaluate((name) => document.body.append(name), mark);
      await page.click("#buy");
      await page.evaluate((name) => window.rrhog?.track(name), mark);
      await page.clock.runFor(61_000);
    }
    await page.click("#throw");
    await until(async () => {
      await page.clock.runFor(50);
      expect(setting.site.accepted()).not.toHaveLength(0);
    });
    const events = setting.site.accepted().flatMap(({ events }) => events);
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
    const times = events.map(({ timestamp }) => timestamp);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(2 * 62_000);
    const names = tagged(setting.site.accepted(), "rrhog.track").map(({ data }) => data.payload?.name);
    expect(names.length).toBeGreaterThan(0);
    expect(marks.slice(-names.length)).toEqual(names);
    // The rest of the page is in the snapshot that the recording begins with.
    expect(JSON.stringify(events[1])).toContain('"a"');
  });
});

describe("a session that waits for an event", () => {
  it("is sent from before it on, and what comes after", async () => {
    const page = await opened("/on-event");
    await page.click("#buy");
    await page.evaluate(() => window.rrhog?.track("something else"));
    expect(await state(page)).toBe("buffering");
    await settled();
    expect(paths()).not.toContain("/on-event");
    // What cannot be told is left out, and begins it all the same.
    await page.evaluate(() => window.rrhog?.track("checkout", { sum: 1n }));
    await page.evaluate(() => window.rrhog?.track("paid", null));
    expect(await state(page)).toBe("recording");
    await leave(page);
    const own = () => setting.site.accepted().filter(({ url }) => url.endsWith("/on-event"));
    await until(() => expect(own().some(({ end }) => end)).toBe(true));
    await until(() => expectWhole(own()));
    const batches = own().toSorted((a, b) => a.seq - b.seq);
    expect(batches[0]?.events.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
    const names = tagged(batches, "rrhog.track").map(({ data }) => data.payload?.name);
    expect(names).toEqual(["something else", "paid"]);
  });
});

describe("a least duration", () => {
  it("holds all back, over pages, until the session has lasted so long; then all of it is sent, without a hole", async () => {
    const page = await openedInFrozenTime("/long");
    await until(async () => {
      await page.clock.runFor(50);
      expect(await status(page)).toMatchObject({ state: "waiting", recording: true, pending: 1 });
    });
    await page.click("#buy");
    await page.clock.runFor(10_000);
    await page.goto(`${setting.site.url}/long/next`);
    await until(async () => {
      await page.clock.runFor(50);
      expect((await status(page))?.pending).toBeGreaterThan(2);
    });
    expect(await state(page)).toBe("waiting");
    expect(setting.site.deliveries).toEqual([]);
    await page.clock.runFor(60_000);
    await until(async () => {
      await page.clock.runFor(50);
      expect(await status(page)).toMatchObject({ state: "recording", pending: 0 });
    });
    await leave(page);
    await ended(setting.site, 2);
    expectWhole(setting.site.accepted());
    expect(new Set(paths())).toEqual(new Set(["/long", "/long/next"]));
  });

  it("lets a shorter session be as if it had not been: the next visit forgets what lies there", async () => {
    const page = await openedInFrozenTime("/long");
    await until(async () => {
      await page.clock.runFor(50);
      expect((await status(page))?.pending).toBe(1);
    });
    const short = (await status(page))?.session_id;
    await page.close();
    const visit = await setting.context.newPage();
    await visit.clock.setSystemTime(Date.now() + 2 * 3_600_000);
    await visit.clock.resume();
    await visit.goto(setting.site.url);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await until(async () => expect(await storedBatches(visit)).toEqual([]));
    expect(setting.site.deliveries.map(({ batch }) => batch.session_id)).not.toContain(short);
  });
});

describe("rules by address", () => {
  const show = (page: Page, path: string) => page.evaluate((to) => (window as unknown as App).show(to), path);

  it("pause a single-page application at an ignored address, and begin with a snapshot when it leaves it", async () => {
    const page = await opened("/app");
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await show(page, "/secret/key");
    await until(async () => expect(await status(page)).toMatchObject({ recording: false, state: "ignored_url" }));
    await ended(setting.site);
    await page.evaluate(() => document.body.append("a secret that goes with its address"));
    await page.evaluate(() => window.rrhog?.track("secret event"));
    await show(page, "/reset?token=s3cret");
    await page.evaluate(() => document.body.lastChild?.remove());
    await show(page, "/open");
    await until(async () => expect(await state(page)).toBe("recording"));
    await page.evaluate(() => document.querySelector("h1")?.append("!"));
    await leave(page);
    const batches = await ended(setting.site, 2);
    expectWhole(batches);
    expect(text()).not.toContain("At /secret");
    expect(text()).not.toMatch(/secret|s3cret/);
    const snapshots = batches.flatMap(({ events }) => events.filter(isTyped(2)));
    expect(snapshots).toHaveLength(2);
    const kinds = tagged(batches, "rrhog.navigation").map(({ data }) => data.payload?.kind);
    expect(kinds).toEqual(["load", "push"]);
    expect(await headingAtTheEnd(batches.flatMap(({ events }) => events))).toBe("At /open!");
  });

  it("leave a page alone that is opened at an ignored address", async () => {
    const page = await opened("/secret/page");
    await until(async () => expect(await status(page)).toMatchObject({ recording: false, state: "ignored_url" }));
    await page.click("h1");
    await page.close();
    await settled();
    expect(paths()).not.toContain("/secret/page");
  });

  it("record no other addresses than they are told to", async () => {
    const page = await opened("/only");
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await show(page, "/else");
    await until(async () => expect(await state(page)).toBe("ignored_url"));
    await show(page, "/shop/shoes");
    await until(async () => expect(await state(page)).toBe("recording"));
    await leave(page);
    await until(() => expect(text()).toContain("At /shop/shoes"));
    expect(text()).not.toContain("/else");
  });

  it("may be regular expressions", async () => {
    const page = await opened("/regexp");
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await show(page, "/orders/new");
    await until(async () => expect(await state(page)).toBe("recording"));
    await show(page, "/orders/42");
    await until(async () => expect(await state(page)).toBe("ignored_url"));
  });
});

describe("what a project asks from afar", () => {
  it("holds where the page does not set it itself, from the first snapshot that is sent on", async () => {
    setting.site.config = () => settings({ sampleRate: 0, sampleOnError: true });
    const page = await opened("/");
    await until(async () => expect(await status(page)).toMatchObject({ state: "buffering", pending: 0, dropped: 0 }));
    await page.click("#throw");
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await page.goto(`${setting.site.url}/next`);
    await until(async () => expect(await status(page)).toMatchObject({ state: "recording", pending: 0 }));
    await until(() => expectWhole(setting.site.accepted()));
    const other = await opened("/some");
    await until(() => expect(setting.site.configAsked).toBeGreaterThan(2));
    expect((await status(other))?.state).toBe("recording");
  });

  it("is remembered for when nobody answers", async () => {
    setting.site.config = () => settings({ ignoreUrls: ["/next"] });
    const page = await opened("/next");
    await until(async () => expect(await state(page)).toBe("ignored_url"));
    setting.site.config = () => ({ status: 503 });
    await page.goto(setting.site.url);
    await until(() => expect(paths()).toContain("/"));
    await page.click("#next");
    await page.waitForURL("**/next");
    await until(async () => expect(await state(page)).toBe("ignored_url"));
    await page.close();
    await settled();
    expect(setting.site.deliveries.filter(({ batch }) => batch.url.endsWith("/next"))).toEqual([]);
  });

  it("adds to the addresses that the page itself leaves out", async () => {
    setting.site.config = () => settings({ ignoreUrls: ["/open"] });
    const page = await opened("/app");
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    for (const path of ["/open", "/secret/a"]) {
      await page.evaluate((to) => (window as unknown as App).show(to), path);
      await until(async () => expect(await state(page)).toBe("ignored_url"));
    }
  });

  it("is nothing where the edge is older and does not say", async () => {
    setting.site.config = () => ({ status: 200, body: { v: 1, sample_rate: 1, recording: true } });
    const page = await opened("/");
    await until(async () => expect(await status(page)).toMatchObject({ state: "recording", pending: 0 }));
    await until(async () => expect((await status(page))?.acknowledged).toBeGreaterThan(0));
  });

  it("says for how long data is kept: what is older is not sent any more", async () => {
    const { site } = setting;
    const accept = site.answer;
    site.answer = () => ({ status: 503 });
    const page = await opened("/");
    await until(() => expect(site.deliveries).not.toHaveLength(0));
    const old = (await status(page))?.session_id;
    await leave(page);
    await until(() => expect(site.deliveries.some(({ batch }) => batch.end)).toBe(true));
    site.answer = accept;
    site.config = () => settings({}, { retention_days: 3 });
    const visit = await setting.context.newPage();
    await visit.clock.install({ time: Date.now() + 4 * 24 * 3_600_000 });
    await visit.goto(`${site.url}/next`);
    await until(async () => expect((await status(visit))?.acknowledged).toBeGreaterThan(0));
    await until(async () => expect((await status(visit))?.pending).toBe(0));
    expect(site.accepted().map(({ session_id }) => session_id)).not.toContain(old);
  });
});

describe("the state", () => {
  it("says why nothing is recorded", async () => {
    const page = await opened("/");
    await until(async () => expect(await state(page)).toBe("recording"));
    await page.evaluate(() => window.rrhog?.stop());
    expect(await state(page)).toBe("stopped");
    await page.evaluate(() => window.rrhog?.start());
    expect(await state(page)).toBe("recording");
    setting.site.config = () => settings({}, { recording: false });
    await page.goto(`${setting.site.url}/next`);
    await until(async () => expect(await state(page)).toBe("quota_used_up"));
  });
});

interface App {
  show(path: string): void;
}
