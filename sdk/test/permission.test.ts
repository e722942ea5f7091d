import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { isSampledIn } from "../../protocol/sampling.ts";
import { html, inBrowser } from "./browser.ts";
import { ended, expectNoHole, leave, sentAfter } from "./recorded.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
const shop = '<h1>Shop</h1><button id="buy">Buy</button>';
const setting = inBrowser({
  "/": html(shop),
  "/other": html(shop),
  "/still": html(shop, "", 'data-autostart="false"'),
  "/plain": "<!doctype html><title>No recorder</title>",
});

const status = (page: Page) => page.evaluate(() => window.rrhog?.status());
const settings = (members: object) => ({
  status: 200,
  body: { v: 1, sample_rate: 1, recording: true, retention_days: 90, ...members },
});
const QUOTA = {
  status: 429,
  headers: { "Retry-After": "3600" },
  body: { code: "quota_used_up", limit: "quota_sessions", stop: true },
};

/** A page that has sealed a batch. Its time goes on no further, so that the wait for an answer cannot end by itself. */
async function pageInFrozenTime(): Promise<Page> {
  const page = await setting.context.newPage();
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.goto(setting.site.url);
  await page.clock.runFor(500);
  await until(async () => expect(await status(page)).toMatchObject({ recording: true, pending: 1 }));
  return page;
}

/** A session that a rate of a half takes, or leaves out. */
function sessionThat(isTaken: boolean): string {
  for (;;) {
    const id = crypto.randomUUID();
    if (isSampledIn(id, 0.5) === isTaken) return id;
  }
}

/** Makes it the one under way in this browser. */
async function visitAs(page: Page, id: string): Promise<void> {
  await page.goto(`${setting.site.url}/plain`);
  await page.evaluate((session) => {
    const now = Date.now();
    localStorage.setItem("rrhog.session.dev_write_123", JSON.stringify({ id: session, startedAt: now, activeAt: now }));
  }, id);
}

describe("what a project records", () => {
  it("leaves the page only once the edge has said so, with all that happened meanwhile", async () => {
    const { site } = setting;
    const answer = Promise.withResolvers<ReturnType<typeof settings>>();
    site.config = () => answer.promise;
    const page = await pageInFrozenTime();
    await page.evaluate(() => window.rrhog?.track("early"));
    expect(site.deliveries).toEqual([]);
    answer.resolve(settings({}));
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    await leave(page);
    expect((await ended(site)).map(({ seq }) => seq)).toEqual([0, 1]);
    expect(JSON.stringify(site.accepted())).toContain('"early"');
  });

  it("is all, where the edge does not say", async () => {
    const { site, context } = setting;
    site.config = () => new Promise(() => {});
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    site.config = () => ({ status: 503 });
    await page.goto(`${site.url}/other`);
    await until(() => expect(site.accepted().some(({ url }) => url.endsWith("/other"))).toBe(true));
  });

  it("is held back by a page that goes before the answer, for the tab's next one", async () => {
    const { site } = setting;
    site.config = () => new Promise(() => {});
    const page = await pageInFrozenTime();
    await page.goto(`${site.url}/plain`);
    expect(site.deliveries).toEqual([]);
    await page.clock.resume();
    site.config = () => settings({});
    await page.goto(`${site.url}/other`);
    const first = () => site.accepted().slice(0, 3);
    await until(() => expect(first().map(({ seq }) => seq)).toEqual([0, 1, 2]));
    expect(first().map(({ url }) => new URL(url).pathname)).toEqual(["/", "/", "/other"]);
  });

  it.each([true, false])("is a part of all sessions, each of them whole: taken %s", async (isTaken) => {
    const { site, context } = setting;
    site.config = () => settings({ sample_rate: 0.5 });
    const page = await context.newPage();
    const id = sessionThat(isTaken);
    await visitAs(page, id);
    await page.goto(site.url);
    await until(() => expect(site.configAsked).toBe(1));
    await until(async () => expect(await status(page)).toMatchObject({ session_id: id, recording: isTaken }));
    await page.click("#buy");
    await page.goto(`${site.url}/other`);
    await until(async () => expect(await status(page)).toMatchObject({ recording: isTaken, pending: 0 }));
    if (isTaken) await until(() => expect(site.accepted().some(({ url }) => url.endsWith("/other"))).toBe(true));
    const sessions = new Set(site.deliveries.map(({ batch }) => batch.session_id));
    expect(sessions).toEqual(new Set(isTaken ? [id] : []));
  });

  it("is nothing while its quota is used up", async () => {
    const { site, context } = setting;
    site.config = () => settings({ recording: false });
    const page = await context.newPage();
    await page.goto(site.url);
    await until(async () => expect(await status(page)).toMatchObject({ recording: false, pending: 0 }));
    await page.click("#buy");
    await page.goto(`${site.url}/other`);
    await until(async () => expect(await status(page)).toMatchObject({ recording: false, pending: 0 }));
    expect(site.deliveries).toEqual([]);
  });

  it("is not asked for, and nothing of earlier pages sent, before a page starts to record", async () => {
    const { site, context } = setting;
    const accept = site.answer;
    site.answer = () => ({ status: 503 });
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.deliveries).not.toHaveLength(0));
    await page.goto(`${site.url}/still`);
    await until(async () => expect(await status(page)).toMatchObject({ recording: false, pending: 0 }));
    const [asked, at] = [site.configAsked, await page.evaluate(() => Date.now())];
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await page.click("#buy");
    expect([site.configAsked, sentAfter(at, site)]).toEqual([asked, []]);
    site.answer = accept;
    await page.evaluate(() => window.rrhog?.start());
    await until(() => {
      expect(site.accepted().some(({ url }) => url.endsWith("/still"))).toBe(true);
      expectNoHole(site.accepted());
    });
    expect(site.accepted().some(({ url }) => url === `${site.url}/`)).toBe(true);
  });
});

describe("a refusal", () => {
  it("with stop ends the recording, and gives up what is unsent", async () => {
    const { site, context } = setting;
    const accept = site.answer;
    site.answer = () => null;
    const page = await context.newPage();
    await page.goto(site.url);
    await until(async () => expect((await status(page))?.pending).toBeGreaterThan(0));
    await page.click("#buy");
    await until(async () => expect((await status(page))?.pending).toBeGreaterThan(1));
    site.answer = () => QUOTA;
    await until(async () => expect(await status(page)).toMatchObject({ recording: false, pending: 0 }));
    const dropped = (await status(page))?.dropped ?? 0;
    expect(dropped).toBeGreaterThan(1);
    const sent = site.deliveries.length;

    // A later page of the window, once there is quota again, says what is missing and why.
    site.answer = accept;
    await page.goto(`${site.url}/other`);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    expect(site.accepted()[0]).toMatchObject({
      seq: dropped,
      dropped: [{ from: 0, to: dropped - 1, reason: "quota_used_up" }],
    });
    expect(site.deliveries.slice(sent).filter(({ batch }) => batch.seq < dropped)).toEqual([]);
  });

  it("without stop waits as long as it says, and the batch is sent again", async () => {
    const { site, context } = setting;
    const accept = site.answer;
    const limited = { status: 429, headers: { "Retry-After": "1" }, body: { code: "rate_limited", limit: "address" } };
    site.answer = (batch) => (site.deliveries.length === 0 ? limited : accept(batch));
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    const attempts = site.deliveries.filter(({ batch }) => batch.seq === 0);
    expect(attempts.map(({ status }) => status)).toEqual([429, 202]);
    const [first, second] = attempts.map(({ query }) => Number(query.get("t")));
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(await status(page)).toMatchObject({ recording: true, dropped: 0 });
  });

  it("of a session that is left out ends no other session", async () => {
    const { site, context } = setting;
    const accept = site.answer;
    const old = crypto.randomUUID();
    site.answer = ({ session_id }) => (session_id === old ? { status: 503 } : null);
    const page = await context.newPage();
    await visitAs(page, old);
    await page.goto(site.url);
    await until(() => expect(site.deliveries).not.toHaveLength(0));
    site.answer = (batch) =>
      batch.session_id === old ? { status: 403, body: { code: "sampled_out", stop: true } } : accept(batch);
    await visitAs(page, crypto.randomUUID());
    const at = await page.evaluate(() => Date.now());
    // Batches of other windows are left alone for a minute, since their page may still be at work.
    await page.clock.install({ time: Date.now() + 120_000 });
    await page.goto(`${site.url}/other`);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    await until(async () => expect(await status(page)).toMatchObject({ recording: true, pending: 0, dropped: 0 }));
    expect(sentAfter(at, site).filter(({ status }) => status === 403)).toHaveLength(1);
  });

  it("of this session as left out ends it", async () => {
    const { site, context } = setting;
    site.answer = () => ({ status: 403, body: { code: "sampled_out", stop: true } });
    const page = await context.newPage();
    await page.goto(site.url);
    await until(async () => expect(await status(page)).toMatchObject({ recording: false, pending: 0 }));
    expect(site.deliveries).toHaveLength(1);
  });
});
