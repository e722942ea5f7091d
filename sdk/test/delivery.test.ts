import { randomBytes } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { allOf, ended, expectNoHole, leave, storedBatches } from "./recorded.ts";
import type { Delivery } from "./site.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
/** All that is fixed at sealing. */
const sealedAs = ({ facts, bytes }: Delivery) => `${facts} ${bytes.toString("base64")}`;
const big = `<p>${"long page ".repeat(20_000)}</p>`;
/** Its snapshot is more than the edge takes, however well it is compressed. */
const huge = `<p>${randomBytes(5_000_000).toString("base64")}</p>`;
const setting = inBrowser({
  "/": html('<h1>Shop</h1><a id="next" href="/product">Product</a><button id="buy">Buy</button>'),
  "/product": html('<h1>Product</h1><a id="back" href="/">Back</a>'),
  "/big": html(big),
  "/huge": html(huge),
  "/renamed": html("<h1>Renamed</h1>", "", 'data-ingest-path="/collect"'),
});

describe("delivery", () => {
  it("needs nothing but the script tag: a simple request with the key, the clock and gzip", async () => {
    const { site, context } = setting;
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.deliveries).not.toHaveLength(0));
    const [first] = site.deliveries;
    expect(first?.query.get("k")).toBe("dev_write_123");
    expect(Number(first?.query.get("t"))).toBeGreaterThan(1.7e12);
    expect(first?.contentType).toBe("text/plain");
    expect(new URLSearchParams(first?.facts).get("seq")).toBe("0");
    expect(first?.bytes.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(first?.batch).toMatchObject({ seq: 0, sealed_through: 0, url: `${site.url}/`, sdk: "@rrhog/browser 0.1.0" });
    const types = first?.batch.events.map(({ type }) => type);
    expect(types?.slice(types.indexOf(4), types.indexOf(4) + 3)).toEqual([4, 2, 5]);
    expect(first?.batch.events.find(({ data }) => data.tag === "rrhog.navigation")?.data.payload).toEqual({
      href: `${site.url}/`,
      title: "Shop",
      referrer: "",
      kind: "load",
    });
  });

  it("says when it was sealed in whole milliseconds, also where the page's clock tells fractions", async () => {
    const page = await setting.context.newPage();
    await page.addInitScript(() => {
      Date.now = () => performance.timeOrigin + performance.now();
    });
    await page.goto(setting.site.url);
    await until(() => expect(setting.site.deliveries).not.toHaveLength(0));
    expect(setting.site.deliveries[0]?.query.get("sealed_at")).toMatch(/^\d+$/);
  });

  it("goes to the path that it is told, its attempts and the page's tail alike", async () => {
    const { site, context } = setting;
    const page = await context.newPage();
    await page.goto(`${site.url}/renamed`);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    await leave(page);
    await ended(site);
    expect(new Set(site.deliveries.map(({ path }) => path))).toEqual(new Set(["/collect"]));
  });

  it("sends what an older recorder left as it was sealed: the JSON format, whole in the body", async () => {
    const { site, context } = setting;
    const page = await context.newPage();
    await page.route("**/rrhog.js", (route) => route.fulfill({ body: "" }));
    await page.goto(site.url);
    const left = { seq: 3, session_id: crypto.randomUUID(), window_id: "left", events: [{ type: 4, timestamp: 1 }] };
    await page.evaluate(async (batch) => {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open("rrhog.dev_write_123", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("batches", { keyPath: "id" });
        request.onsuccess = () => resolve(request.result);
      });
      const { session_id: sessionId, window_id: windowId, seq } = batch;
      const body = new TextEncoder().encode(JSON.stringify(batch));
      const record = { id: `${sessionId}/${windowId}/${seq}`, sessionId, windowId, seq, sealedAt: 1, body };
      const transaction = database.transaction("batches", "readwrite");
      transaction.objectStore("batches").put({ ...record, sealedAt: Date.now() - 120_000 });
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
      database.close();
    }, left);
    await page.unroute("**/rrhog.js");
    await page.goto(`${site.url}/product`);
    await until(() => expect(site.accepted().map(({ window_id }) => window_id)).toContain(left.window_id));
    const sent = site.deliveries.find(({ batch }) => batch.window_id === "left");
    expect(sent).toMatchObject({ facts: "", batch: left });
    expect(sent?.query.get("k")).toBe("dev_write_123");
  });

  it("takes a full snapshot when a 202 asks for one", async () => {
    const { site, context } = setting;
    const accept = site.answer;
    const snapshots = () => site.accepted().filter(({ events }) => events.some(({ type }) => type === 2));
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    let askedWith: number | undefined;
    site.answer = (batch) => {
      const reply = accept(batch);
      if (askedWith !== undefined) return reply;
      askedWith = batch.seq;
      return { status: 202, body: { ...reply?.body, want: ["snapshot"] } };
    };
    await page.click("#buy");
    await until(() => expect(snapshots()).toHaveLength(2));
    expect(snapshots()[1]?.seq).toBeGreaterThan(askedWith ?? Number.NaN);
    const { length } = site.accepted();
    await page.click("#buy");
    await until(() => expect(site.accepted().length).toBeGreaterThan(length));
    expect(snapshots()).toHaveLength(2);
  });

  it("takes no snapshot over and over of a page that is too large for one to arrive, ask the server as it may", async () => {
    const { site, context } = setting;
    site.answer = () => ({ status: 202, body: { want: ["snapshot"] } });
    const page = await context.newPage();
    // So quickly that no time passes.
    await page.clock.setFixedTime(Date.now());
    await page.goto(`${site.url}/huge`);
    const status = () => page.evaluate(() => window.rrhog?.status());
    await until(async () => expect((await status())?.dropped).toBe(1));
    for (let round = 0; round < 5; round++) {
      const acknowledged = (await status())?.acknowledged ?? 0;
      // A batch of its own, after what the last answer has led to.
      await page.evaluate(() => {
        Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
        window.rrhog?.track("round");
        document.dispatchEvent(new Event("visibilitychange"));
      });
      await until(async () => expect((await status())?.acknowledged).toBeGreaterThan(acknowledged));
    }
    expect((await status())?.dropped).toBeLessThanOrEqual(2);
    expect(allOf(site).map(({ type }) => type)).not.toContain(2);
  });

  it("sends a batch again, as the same bytes, until its 202", async () => {
    const { site, context } = setting;
    const answers = [{ status: 503, headers: { "Retry-After": "0" } }, null, { status: 500 }, { status: 429 }];
    const accept = site.answer;
    // What the page says while the first batch waits is a batch of its own, and is sent before the next attempt.
    site.answer = (batch) => (batch.seq === 0 && answers.length > 0 ? (answers.shift() ?? null) : accept(batch));
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.accepted().map(({ seq }) => seq)).toContain(0));
    const attempts = site.deliveries.filter(({ batch }) => batch.seq === 0);
    expect(attempts.map(({ status }) => status)).toEqual([503, 0, 500, 429, 202]);
    expect(new Set(attempts.map(sealedAs)).size).toBe(1);
    const status = () => page.evaluate(() => window.rrhog?.status());
    await until(async () => expect(await status()).toMatchObject({ pending: 0, retry_at: null }));
  });

  it("keeps what happens offline, and sends it when the network is back", async () => {
    const { site, context } = setting;
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    await context.setOffline(true);
    await page.evaluate(() => window.rrhog?.track("offline"));
    const status = () => page.evaluate(() => window.rrhog?.status());
    await until(async () => {
      const now = await status();
      expect(now?.pending).toBeGreaterThan(0);
      expect(now?.retry_at).toEqual(expect.any(Number));
    });
    const told = () => JSON.stringify(site.accepted()).includes('"offline"');
    expect(told()).toBe(false);
    await context.setOffline(false);
    await until(() => expect(told()).toBe(true));
    expectNoHole(site.accepted());
  });

  it("sends the tail of a page that goes, with its end, in pieces, be it more than browsers let go with a page", async () => {
    const { site, context } = setting;
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    await page.evaluate(async () => {
      for (let table = 0; table < 6; table++) {
        const rows = Array.from({ length: 100 }, (_, n) => `<tr><td>Row ${n}<td>costs ${table * n} crowns</tr>`);
        document.body.insertAdjacentHTML("beforeend", `<table>${rows.join("")}</table>`);
        await new Promise(requestAnimationFrame);
      }
    });
    const before = site.accepted().length;
    await leave(page);
    const batches = await ended(site);
    const tail = batches.slice(before);
    expect(JSON.stringify(tail).length).toBeGreaterThan(2 * 64 * 1024);
    expect(batches.map(({ seq }) => seq)).toEqual(batches.map((_, i) => i));
    expect(tail.at(-1)?.sealed_through).toBe(tail.at(-1)?.seq);
    expect(tail.at(-1)?.events.at(-1)?.data.tag).toBe("rrhog.leave");
  });

  it("is counted by the tab's next page, where the last one has its answer after it has gone", async () => {
    const { site, context } = setting;
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    // A browser that takes its time with a page that goes.
    await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pagehide")));
    const { length } = await ended(site);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
    expect(site.deliveries).toHaveLength(length);
    await page.goto(`${site.url}/product`);
    await until(async () => {
      expect(site.accepted().length).toBeGreaterThan(length);
      const { length: acknowledged } = site.accepted();
      expect(await page.evaluate(() => window.rrhog?.status())).toMatchObject({ acknowledged, pending: 0 });
    });
  });

  it("leaves what could not be sent to the next page of the tab", async () => {
    const { site, context } = setting;
    const accept = site.answer;
    site.answer = () => ({ status: 503 });
    const page = await context.newPage();
    await page.goto(`${site.url}/big`);
    await until(() => expect(site.deliveries).not.toHaveLength(0));
    site.answer = (batch) =>
      batch.url.endsWith("/big") && site.accepted().length === 0 ? { status: 503 } : accept(batch);
    await page.goto(`${site.url}/product`);
    site.answer = accept;
    await until(() => {
      expect(site.accepted().some(({ url }) => url.endsWith("/product"))).toBe(true);
      expectNoHole(site.accepted());
    });
    expect(new Set(site.accepted().map(({ window_id }) => window_id)).size).toBe(1);
    const sealedFirst = site.deliveries.filter(({ batch }) => batch.seq === 0);
    expect(new Set(sealedFirst.map(sealedAs)).size).toBe(1);
  });

  it("sends on another visit what a killed tab left behind", async () => {
    const { site, context } = setting;
    const accept = site.answer;
    site.answer = () => ({ status: 503 });
    const page = await context.newPage();
    await page.goto(`${site.url}/product`);
    await until(() => expect(site.deliveries).not.toHaveLength(0));
    const killed = site.deliveries[0]?.batch.window_id;
    await until(async () => expect(await storedBatches(page)).not.toHaveLength(0));
    const devtools = await context.newCDPSession(page);
    devtools.send("Page.crash").catch(() => {}); // the answer dies with the page
    await page.waitForEvent("crash");
    await page.close();

    site.answer = accept;
    const visit = await context.newPage();
    // Batches of other windows are left alone for a minute, since their page may still be at work.
    await visit.clock.install({ time: Date.now() + 120_000 });
    await visit.goto(site.url);
    await until(() => expect(site.accepted().map(({ window_id }) => window_id)).toContain(killed));
    const attempts = site.deliveries.filter(({ batch }) => batch.window_id === killed && batch.seq === 0);
    expect(new Set(attempts.map(sealedAs)).size).toBe(1);
  });

  it("gives up what the server refuses for good, says so in the next envelope, and mends the hole with a snapshot", async () => {
    const { site, context } = setting;
    const accept = site.answer;
    site.answer = (batch) => (batch.seq === 1 ? { status: 413 } : accept(batch));
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    await page.click("#buy");
    await until(() => expect(site.deliveries.some(({ status }) => status === 413)).toBe(true));
    await page.click("#buy");
    const snapshots = () => site.accepted().filter(({ events }) => events.some(({ type }) => type === 2));
    await until(() => expect(snapshots()).toHaveLength(2));
    expect(site.deliveries.filter(({ batch }) => batch.seq === 1)).toHaveLength(1);
    expect(snapshots()[1]?.dropped).toEqual([{ from: 1, to: 1, reason: "too_large" }]);
  });

  it("begins another session when the server has deleted this one, its numbers from 0", async () => {
    const { site, context } = setting;
    const accept = site.answer;
    let deleted = "";
    site.answer = (batch) => {
      deleted ||= batch.session_id;
      return batch.session_id === deleted ? { status: 410 } : accept(batch);
    };
    const page = await context.newPage();
    await page.goto(site.url);
    await until(() => expect(site.accepted()).not.toHaveLength(0));
    expect(site.accepted()[0]).toMatchObject({ seq: 0 });
    expect(site.accepted()[0]?.session_id).not.toBe(deleted);
    await page.click("#buy");
    await until(() => expect(site.accepted().map(({ seq }) => seq)).toEqual(expect.arrayContaining([0, 1])));
  });
});
