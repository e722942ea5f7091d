import type { Frame, Page } from "playwright-core";
import { describe, expect, inject, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { allOf, consoleOf, openWatched, recordingOf, requestsOf, tagged } from "./recorded.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });

const SHOP = `
  <h1>Shop</h1>
  <a id="more" href="/?token=secret-in-link&page=2" onclick="return false"><b>Read</b> more <span class="rr-mask">secret-in-masked</span></a>
  <ul><li><button>Buy   one</button></li><li><button data-testid="buy-two">Buy two</button></li></ul>
  <div id="card"><p>Some text <em>inside</em></p></div>
  <input id="field" type="text" value="secret-in-field"><label>Name <input type="checkbox" id="box"></label>
  <div id="editable" contenteditable>secret-in-editable <b id="bold">secret-in-bold</b></div>
  <div class="rr-block" id="blocked"><button id="inside">secret-in-blocked</button></div>
  <div id="host"></div>
  <script>
    host.attachShadow({ mode: "open" }).innerHTML = '<button>In the shadow</button><p class="rr-mask"><i>secret</i></p>';
  </script>`;

const MASKED = `<div class="rr-mask" onclick="return false">
  <a id="call" href="tel:secret-number">Call</a> <a id="script" href="javascript:pay('secret-card')">Pay</a>
  <a id="page" href="/page">Page</a> <button id="row" data-testid="row-of-secret">Edit</button>
  <div contenteditable><a id="written" href="https://docs.example/secret-draft">Draft</a></div></div>`;

const nonced = (policy: string) => (_: unknown, response: import("node:http").ServerResponse) => {
  response.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": policy });
  response.end(
    `<!doctype html><title>Shop</title><script nonce="n-1" async src="/rrhog.js" data-key="dev_write_123"></script><h1>Shop</h1>`,
  );
};

const setting = inBrowser({
  "/": html(SHOP),
  "/next": html("<h1>Next</h1>"),
  "/masked": html(MASKED),
  "/masked-strict": html(MASKED.replace("rr-mask", ""), "", 'data-privacy="strict"'),
  "/off": html(SHOP, "", 'data-clicks="false" data-vitals="false"'),
  "/renamed": '<!doctype html><script src="/page.js?v=2" data-key="dev_write_123"></script><h1>Shop</h1>',
  "/module": `<!doctype html><script type="module">
    import { rrhog } from "/assets/rrhog.mjs";
    rrhog.init({ key: "dev_write_123", host: location.origin });
  </script><h1>Shop</h1>`,
  "/framed": html(
    '<h1>Shop</h1><iframe src="/inner"></iframe><div class="rr-block"><iframe src="/inner"></iframe></div>',
  ),
  "/inner": '<!doctype html><body><iframe srcdoc="<p>Deeper"></iframe><button id="pay">Pay</button></body>',
  "/nonce": nonced("script-src 'nonce-n-1'"),
  "/blocked": nonced("script-src 'nonce-n-1'; require-trusted-types-for 'script'"),
});

const open = async (path = "/") => openWatched(await setting.context.newPage(), setting.site.url + path);
const clicksOf = async (page: Page) => tagged(await recordingOf(page, setting.site), "rrhog.click");

describe("what watches a page beside its DOM", () => {
  it("is loaded once the project has said that it records, and not for a session that is left out", async () => {
    const { site } = setting;
    site.config = () => ({ status: 200, body: { v: 1, sample_rate: 0, recording: true, retention_days: 90 } });
    const page = await setting.context.newPage();
    const asked: string[] = [];
    page.on("request", (request) => {
      const { origin, pathname } = new URL(request.url());
      // Without the worker that compresses, made of text.
      if (!request.url().startsWith("blob:")) asked.push(origin === site.url ? pathname : request.url());
    });
    await page.goto(site.url);
    await until(async () => expect(await page.evaluate(() => window.rrhog?.status()?.recording)).toBe(false));
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    expect(asked).toEqual(["/", "/rrhog.js", "/config"]);
  });

  it("comes from beside the script, by its nonce and its integrity, where scripts are few", async () => {
    const page = await open("/nonce");
    const tag = await page.evaluate(() => {
      const { src, integrity, crossOrigin } = document.querySelector<HTMLScriptElement>(
        "[integrity]",
      ) as HTMLScriptElement;
      return { path: new URL(src).pathname, integrity: integrity.slice(0, 7), crossOrigin };
    });
    expect(tag).toEqual({ path: inject("observe").path, integrity: "sha256-", crossOrigin: "anonymous" });
    await page.evaluate(() => console.log("seen"));
    expect(consoleOf(await recordingOf(page, setting.site))).toHaveLength(1);
  });

  it.each(["/renamed", "/module"])("comes from beside the script that loads it: %s", async (path) => {
    const page = await open(path);
    await page.evaluate(() => console.log("seen"));
    const names = await page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname),
    );
    expect(names.some((name) => name.startsWith(path === "/renamed" ? "/rrhog" : "/rrhog."))).toBe(false);
    expect(consoleOf(await recordingOf(page, setting.site))).toHaveLength(1);
  });

  it("comes soon to a page that is never idle", async () => {
    const page = await setting.context.newPage();
    await page.addInitScript(() => {
      window.requestIdleCallback = (work, { timeout } = {}) => Number(timeout && setTimeout(work, timeout));
    });
    await openWatched(page, setting.site.url);
    await page.evaluate(() => console.log("seen"));
    expect(consoleOf(await recordingOf(page, setting.site))).toHaveLength(1);
  });

  it("watches once, where recording was stopped and started before it came", async () => {
    const page = await setting.context.newPage();
    const { promise, resolve } = Promise.withResolvers<void>();
    await page.route("**/observe.js", async (route) => {
      await promise;
      await route.continue();
    });
    await page.goto(setting.site.url);
    const tags = (count: number) =>
      page.waitForFunction((n) => document.querySelectorAll("script[src*='observe']").length === n, count);
    await tags(1);
    await page.evaluate(() => {
      window.rrhog?.stop();
      window.rrhog?.start();
    });
    await tags(2);
    const loaded = page.evaluate(() => {
      const tags = [...document.querySelectorAll("script[src*='observe']")];
      return Promise.all(tags.map((tag) => new Promise((done) => tag.addEventListener("load", () => done(null)))));
    });
    // The page listens before the browser has an answer: the two go the same way.
    resolve();
    await loaded;
    await page.evaluate(() => console.log("once"));
    await page.click("h1");
    const events = await recordingOf(page, setting.site);
    expect(consoleOf(events)).toHaveLength(1);
    expect(tagged(events, "rrhog.click")).toHaveLength(1);
  });

  it.each([
    ["forbidden by the page", "/blocked"],
    ["blocked on its way", "/"],
  ])("that is %s is told as trouble, and the page is recorded as ever", async (_, path) => {
    const page = await setting.context.newPage();
    await page.route("**/observe.js", (route) => route.abort());
    await page.goto(setting.site.url + path);
    await until(() => expect(tagged(allOf(setting.site), "rrhog.trouble")).not.toHaveLength(0));
    await page.evaluate(() => window.rrhog?.track("still there"));
    const events = await recordingOf(page, setting.site);
    expect(tagged(events, "rrhog.trouble")).toEqual([{ part: "observe" }]);
    expect(tagged(events, "rrhog.track")).toHaveLength(1);
    expect(events.filter(({ type }) => type === 2)).toHaveLength(1);
  });

  it("is taken only as it was built", async () => {
    const page = await setting.context.newPage();
    await page.route("**/observe.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${await response.text()} window.changed = true;` });
    });
    await page.goto(setting.site.url);
    await until(() => expect(tagged(allOf(setting.site), "rrhog.trouble")).toHaveLength(1));
    expect(await page.evaluate(() => "changed" in window)).toBe(false);
  });
});

describe("web vitals", () => {
  it("are told, each with its rating, as the page goes", async () => {
    const page = await open();
    await page.click("#card");
    await page.evaluate(async () => {
      await new Promise((done) => new PerformanceObserver(done).observe({ type: "first-input", buffered: true }));
      await new Promise((done) => setTimeout(() => requestIdleCallback(done)));
    });
    await page.goto(`${setting.site.url}/next`);
    await until(() => {
      const names = tagged(allOf(setting.site), "rrhog.web_vital").map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["TTFB", "FCP", "LCP", "CLS", "INP"]));
    });
    const inp = tagged(allOf(setting.site), "rrhog.web_vital").find(({ name }) => name === "INP");
    const ms = inp?.value as number;
    expect(inp).toMatchObject({
      value: expect.any(Number),
      rating: ms <= 200 ? "good" : ms <= 500 ? "needs-improvement" : "poor",
      navigation: "navigate",
      selector: expect.stringContaining("#card"),
    });
  });
});

describe("visibility", () => {
  it("is told whenever it changes", async () => {
    const page = await open();
    await page.evaluate(() => {
      for (const state of ["hidden", "visible"]) {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
      }
    });
    const states = tagged(await recordingOf(page, setting.site), "rrhog.visibility").map(({ state }) => state);
    expect(states.slice(0, 2)).toEqual(["hidden", "visible"]);
  });
});

describe("clicks", () => {
  it("say what they were on: the control, its text and where it is", async () => {
    const page = await open();
    await page.click("button:text('Buy one')");
    await page.click("button:text('Buy two')");
    await page.click("#more b");
    await page.click("#card p", { position: { x: 2, y: 2 } });
    await page.click("#host button");
    const clicks = await clicksOf(page);
    expect(clicks.map(({ tag, text, selector }) => [tag, text, selector])).toEqual([
      ["button", "Buy one", "html > body > ul > li:nth-of-type(1) > button"],
      ["button", "Buy two", '[data-testid="buy-two"]'],
      ["a", "Read more", "#more"],
      ["p", "Some text", "#card > p"],
      ["button", "In the shadow", "#host >>> button"],
    ]);
    expect(clicks[0]).toMatchObject({ id: expect.any(Number), x: expect.any(Number), y: expect.any(Number) });
    expect(clicks[2]?.href).toBe(`${setting.site.url}/?token=********&page=2`);
  });

  it("are of the node that rrweb names too", async () => {
    const page = await open();
    await page.click("#more b");
    const events = await recordingOf(page, setting.site);
    const theirs = events.map(({ data }) => data as { source?: number; type?: number; id?: number });
    const click = theirs.find(({ source, type }) => source === 2 && type === 2);
    expect(tagged(events, "rrhog.click")[0]?.id).toBe(click?.id);
  });

  it("tell nothing that is masked, typed or left out", async () => {
    const page = await open();
    for (const selector of ["#more .rr-mask", "#field", "#bold", "#editable", "#inside", "#host i"]) {
      await page.click(selector, { noWaitAfter: true });
    }
    await page.locator("#field").pressSequentially("secret-typed");
    await page.click("#field");
    const clicks = await clicksOf(page);
    expect(clicks.map(({ selector, text }) => [selector, text])).toEqual([
      ["#more", "Read more"],
      ["#field", undefined],
      ["#bold", undefined],
      ["#editable", undefined],
      ["#host >>> p > i", undefined],
      ["#field", undefined],
    ]);
    expect(JSON.stringify(clicks)).not.toContain("secret");
  });

  it.each(["/masked", "/masked-strict"])("tell of what is masked no link and no name: %s", async (path) => {
    const page = await open(path);
    const ids = ["call", "script", "page", "row", "written"];
    for (const id of ids) await page.click(`#${id}`);
    const clicks = await clicksOf(page);
    expect(clicks.map(({ selector, href }) => [selector, href])).toEqual(
      ids.map((id) => [`#${id}`, id === "page" ? `${setting.site.url}/page` : undefined]),
    );
  });

  it("and vitals are not told where they are not wanted", async () => {
    const page = await open("/off");
    await page.click("#card");
    const events = await recordingOf(page, setting.site);
    expect([...tagged(events, "rrhog.click"), ...tagged(events, "rrhog.web_vital")]).toEqual([]);
  });
});

describe("frames of the page's own origin", () => {
  const isPatched = (frame: Frame) =>
    frame.waitForFunction(() => !String(window.fetch).includes("[native code]"), undefined, { polling: 50 });
  const inFrame = (frame: Frame, name: string) =>
    frame.evaluate(async (name) => {
      console.log(name, new Map([["in", new Error("logged")]]), document.body);
      const response = await fetch(`/inner?of=${name}`, { method: "POST", body: new URLSearchParams("a=1") });
      await response.text();
      setTimeout(() => {
        throw new TypeError(name, { cause: new Error("a cause") });
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }, name);

  it("are told with the page: console, errors, requests and clicks, of frames in frames and of later ones too", async () => {
    const page = await open("/framed");
    const [, first, leftOut, deeper] = page.frames() as [Frame, Frame, Frame, Frame];
    expect(deeper.parentFrame()).toBe(first);
    await isPatched(deeper);
    await page.evaluate(() => {
      document.body.append(Object.assign(document.createElement("iframe"), { src: "/inner?later", id: "later" }));
    });
    const later = await (await page.waitForSelector("#later")).contentFrame();
    await isPatched(later as Frame);
    await inFrame(first, "first");
    await inFrame(deeper, "deeper");
    await inFrame(later as Frame, "later");
    await inFrame(leftOut, "left out");
    await first.click("#pay");
    const events = await recordingOf(page, setting.site);
    const names = ["first", "deeper", "later"];
    const messages = consoleOf(events).map(({ payload }) => payload);
    expect(messages.map(([name]) => name)).toEqual(names.map((name) => JSON.stringify(name)));
    expect(messages[0]?.slice(1)).toEqual([expect.stringContaining('{"in":"Error: logged'), '"[BODY]"']);
    const errors = tagged(events, "rrhog.error");
    expect(errors.map(({ name, message }) => [name, message])).toEqual(names.map((name) => ["TypeError", name]));
    expect(errors[0]?.cause).toMatchObject([{ name: "Error", message: "a cause" }]);
    const requests = requestsOf(events).filter(({ method }) => method === "POST");
    expect(requests.map(({ name }) => new URL(name).search)).toEqual(names.map((name) => `?of=${name}`));
    expect(requests[0]).toMatchObject({ requestBodySize: 3, status: 200 });
    const sent = events.map(({ timestamp }) => timestamp);
    for (const { timestamp } of [...errors, ...requests]) {
      expect(timestamp).toBeGreaterThanOrEqual(Math.min(...sent) - 1_000);
      expect(timestamp).toBeLessThanOrEqual(Math.max(...sent));
    }
    expect(tagged(events, "rrhog.click").map(({ text, selector }) => [text, selector])).toEqual([
      ["Pay", "html > body > iframe:nth-of-type(1) >>> #pay"],
    ]);
  });

  it("are the browser's own again when recording stops", async () => {
    const page = await open("/framed");
    const [, frame] = page.frames() as [Frame, Frame];
    await isPatched(frame);
    await page.evaluate(() => window.rrhog?.stop());
    expect(await frame.evaluate(() => String(window.fetch))).toContain("[native code]");
  });
});
