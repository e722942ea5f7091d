import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { allOf, consoleOf, ended, isWatched, leave, openWatched, recordingOf, requestsOf, tagged } from "./recorded.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
const crippled = `<script>
  Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } });
  Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("no", "SecurityError"); } });
  Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("no", "SecurityError"); } });
  delete window.CompressionStream; delete crypto.__proto__.randomUUID; delete window.navigation;
  delete window.AbortSignal.timeout;
</script>`;
/** Scripts and requests of its own alone, and no worker made of text. */
const strictCsp = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'">`;
/** The snippet of README.md, before a script that comes late. */
const stub = (attributes: string) => `<!doctype html><title>Stub</title><script>
  window.rrhog || (rrhog = { q: [] }, ["init", "start", "stop", "reset", "identify", "track", "optOut", "optIn"]
    .forEach((name) => rrhog[name] = (...args) => { rrhog.q.push([name, ...args]); }));
  rrhog.identify("ada"); rrhog.track("early", { n: 1 });
</script><h1>Stub</h1><script defer src="/rrhog.js" ${attributes}></script>`;
const setting = inBrowser({
  "/stub": stub('data-key="dev_write_123"'),
  "/stub-still": stub('data-key="dev_write_123" data-autostart="false"'),
  "/own-names": html(
    `<ul><li id="item">Shop</li></ul><script>var parent = document.getElementById("item").parentNode;</script>`,
    "<script>var navigation = { open() {} };</script>",
  ),
  "/cannot-be-masked": html('<form action="/"><input name="localName"></form><p id="text">0</p>'),
  // As prototype.js does it before 1.7.
  "/prototype": html(
    '<h1>Old</h1><a href="/prototype">Again</a>',
    "<script>Array.prototype.toJSON = function () { return '[' + this.map(JSON.stringify).join(', ') + ']'; };</script>",
  ),
  "/strict": html("<h1>Strict</h1>", strictCsp),
  "/strict-and-told": html("<h1>Strict</h1>", strictCsp, 'data-worker="false"'),
  "/": html("<h1>Shop</h1><button>Buy</button><style id='sheet'>h1 { color: red }</style>"),
  "/crippled": html(
    "<h1>Old browser</h1><button id='b' onclick=\"history.pushState(null,'','/pushed')\">Go</button>",
    crippled,
  ),
  "/manual": `<!doctype html><title>Manual</title><script src="/rrhog.js"></script><h1>Manual</h1>`,
  "/both": html(`<h1>Both</h1><script type="module">
    import { rrhog } from "/assets/rrhog.mjs";
    const isTheirs = () => Boolean(window.rrhog?.status());
    // One after the other, in either order.
    if (location.search) while (!isTheirs()) await new Promise((resolve) => setTimeout(resolve, 20));
    rrhog.init({ key: "dev_write_123", host: location.origin });
    window.rrhog.track("by its name");
  </script>`),
  "/twice": html('<script async src="/rrhog.js" data-key="dev_write_123"></script><h1>Twice</h1>'),
  "/still": '<!doctype html><script src="/rrhog.js" data-key="k" data-autostart="false"></script><h1>Still</h1>',
});

describe("a guest in the page", () => {
  it("works where storage, IndexedDB, gzip and the Navigation API are missing", async () => {
    const page = await setting.context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${setting.site.url}/crippled`);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await page.click("#b");
    // A changed address is told a turn later, with the title that belongs to it.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    await leave(page);
    await ended(setting.site);
    const tags = allOf(setting.site).map(({ data }) => data.tag);
    expect(tags).toContain("rrhog.leave");
    expect(tags.filter((tag) => tag === "rrhog.navigation")).toHaveLength(2);
    expect(setting.site.deliveries[0]?.bytes.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(errors).toEqual([]);
  });

  it("records a page that has names of the browser for its own: `parent`, `navigation`", async () => {
    const page = await setting.context.newPage();
    await page.goto(`${setting.site.url}/own-names`);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await page.evaluate(() => history.pushState(null, "", "/pushed"));
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    const navigations = tagged(await recordingOf(page, setting.site), "rrhog.navigation");
    expect(navigations.map(({ kind }) => kind)).toEqual(["load", "push"]);
  });

  it("records a page whose library lets arrays make JSON of their own, from one page of the tab to the next", async () => {
    const page = await openWatched(await setting.context.newPage(), `${setting.site.url}/prototype`);
    await page.evaluate(() => console.log(["a", ["b"]]));
    await page.evaluate(() => window.rrhog?.identify("ada", { tags: ["x"] }));
    await page.evaluate(() => window.rrhog?.track("bought", { sizes: [1, 2] }));
    await page.click("a");
    await until(() => expect(setting.site.accepted().filter(({ seq }) => seq === 0)).not.toHaveLength(0));
    await until(async () => expect(await page.evaluate(() => window.rrhog?.status()?.acknowledged)).toBeGreaterThan(0));
    await leave(page);
    const batches = await ended(setting.site, 2);
    expect(new Set(batches.map(({ window_id }) => window_id)).size).toBe(1);
    expect(batches.at(-1)?.user).toEqual({ id: "ada", tags: ["x"] });
    const events = batches.flatMap(({ events }) => events);
    const snapshots = events.filter(({ type }) => type === 2);
    expect(snapshots).toHaveLength(2);
    for (const { data } of snapshots) expect(data).toMatchObject({ node: { childNodes: expect.any(Array) } });
    expect(tagged(events, "rrhog.track")).toMatchObject([{ properties: { sizes: [1, 2] } }]);
    expect(consoleOf(events)).toMatchObject([{ trace: expect.any(Array), payload: ['["a",["b"]]'] }]);
  });

  it.each([
    ["and closed", true],
    ["and left open", false],
  ])("goes on where a script writes the whole page anew, %s", async (_, isClosed) => {
    const page = await openWatched(await setting.context.newPage(), setting.site.url);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await page.evaluate((isClosed) => {
      document.open();
      document.write("<title>Anew</title><h1>Written anew</h1><button id='pay'>Pay</button>");
      if (isClosed) document.close();
    }, isClosed);
    await until(() => expect(JSON.stringify(allOf(setting.site))).toContain("Written anew"));
    await isWatched(page);
    await page.click("#pay");
    await page.evaluate(() => document.querySelector("h1")?.append("!"));
    const events = await recordingOf(page, setting.site);
    const snapshots = events.filter(({ type }) => type === 2);
    expect(snapshots).toHaveLength(2);
    expect(JSON.stringify(snapshots[1])).toContain("Written anew");
    const after = events.slice(events.findLastIndex(({ type }) => type === 2));
    expect(tagged(after, "rrhog.click")).toMatchObject([{ selector: "#pay" }]);
    // Rrweb's own: a pointer that was pressed and released, a click.
    const sources = after.filter(({ type }) => type === 3).map(({ data }) => (data as { source?: number }).source);
    expect(sources).toEqual(expect.arrayContaining([2, 0]));
    expect(tagged(after, "rrhog.leave")).toHaveLength(1);
  });

  it("works where arrays have no `at`: Safari before 15.4", async () => {
    const page = await setting.context.newPage();
    await page.addInitScript(() => {
      Reflect.deleteProperty(Array.prototype, "at");
    });
    await openWatched(page, setting.site.url);
    await page.evaluate(() => fetch("/?asked"));
    await page.click("button");
    const before = await page.evaluate(() => window.rrhog?.status()?.session_id);
    await page.evaluate(() => window.rrhog?.reset());
    expect(await page.evaluate(() => window.rrhog?.status()?.session_id)).not.toBe(before);
    await page.evaluate(() => window.rrhog?.track("last words"));
    const events = await recordingOf(page, setting.site);
    expect(tagged(events, "rrhog.track")).toHaveLength(1);
    expect(tagged(events, "rrhog.web_vital").map(({ name }) => name)).toContain("LCP");
    const requests = requestsOf(events).filter(({ name }) => name.endsWith("?asked"));
    expect(requests).toMatchObject([{ transferSize: expect.any(Number) }]);
  });

  it("takes no snapshot over and over where one cannot be masked, and none is sent", async () => {
    const page = await setting.context.newPage();
    await page.goto(`${setting.site.url}/cannot-be-masked`);
    await until(() => expect(setting.site.deliveries.length).toBeGreaterThan(0));
    for (let i = 0; i < 20; i++) {
      await page.evaluate((text) => {
        (document.querySelector("#text") as HTMLElement).textContent = text;
      }, `${i}`);
    }
    const types = (await recordingOf(page, setting.site)).map(({ type }) => type);
    // Each begins with the size of the window.
    expect(types.filter((type) => type === 4).length).toBeLessThan(3);
    expect(types).not.toContain(2);
  });

  it("compresses in a worker, or on the page's thread where the site's CSP forbids one", async () => {
    for (const path of ["/", "/strict"]) {
      setting.site.deliveries.length = 0;
      const page = await setting.context.newPage();
      const workers: string[] = [];
      page.on("worker", (worker) => workers.push(worker.url()));
      await page.goto(setting.site.url + path);
      await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
      expect([...(setting.site.deliveries[0]?.bytes.subarray(0, 2) ?? [])]).toEqual([0x1f, 0x8b]);
      expect(workers.filter((url) => url.startsWith("blob:"))).toHaveLength(path === "/" ? 1 : 0);
      await leave(page);
      // What goes as a page ends is not compressed, and must not come among the next page's.
      await ended(setting.site);
    }
  });

  it("tries no worker where it is told so: a strict CSP has nothing to report", async () => {
    const page = await setting.context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await page.goto(`${setting.site.url}/strict-and-told`);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    expect(complaints.filter((text) => text.includes("worker"))).toEqual([]);
  });

  it("answers every call, before and after init, with nonsense too, and throws nothing", async () => {
    const page = await setting.context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${setting.site.url}/manual`);
    const outcome = await page.evaluate(() => {
      const { rrhog } = window;
      if (!rrhog) return null;
      const loop: Record<string, unknown> = {};
      loop.self = loop;
      const before = [rrhog.status(), rrhog.getSessionUrl()];
      rrhog.start();
      rrhog.track("too early");
      rrhog.init({ key: "", host: "" });
      rrhog.init({ key: "k", host: `${location.origin}/`, consoleUrl: "https://console.test/projects/7/" });
      rrhog.init({ key: "other", host: "https://elsewhere.test" });
      rrhog.identify("grace", { plan: "pro" });
      rrhog.identify("ada", null);
      rrhog.track("loop", loop);
      rrhog.track("bought", { sum: 12 });
      rrhog.stop();
      rrhog.stop();
      rrhog.start();
      return { before, url: rrhog.getSessionUrl(), session: rrhog.status()?.session_id };
    });
    expect(outcome?.before).toEqual([null, null]);
    expect(outcome?.url).toBe(`https://console.test/projects/7/sessions/${outcome?.session}`);
    await until(() => expect(setting.site.accepted().length).toBeGreaterThan(1));
    const [first] = setting.site.accepted();
    expect(first).toMatchObject({ seq: 0, user: { id: "ada" } });
    expect(JSON.stringify(first?.events)).toContain(
      '"tag":"rrhog.track","payload":{"name":"bought","properties":{"sum":12}}',
    );
    expect(errors).toEqual([]);
  });

  it("sends nothing before start where it is told to wait", async () => {
    const page = await setting.context.newPage();
    await page.goto(`${setting.site.url}/still`);
    await page.click("h1");
    await page.close();
    const other = await setting.context.newPage();
    await other.goto(`${setting.site.url}/still`);
    await other.evaluate(() => window.rrhog?.start());
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    expect(setting.site.accepted()[0]?.seq).toBe(0);
  });

  it("does what the page called before the script had come, after what the script's tag says", async () => {
    const page = await setting.context.newPage();
    await page.goto(`${setting.site.url}/stub`);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    const [{ user, events }] = setting.site.accepted() as [(typeof setting.site.deliveries)[number]["batch"]];
    expect(user).toEqual({ id: "ada" });
    expect(events.filter(({ data }) => data.tag === "rrhog.track").map(({ data }) => data.payload)).toEqual([
      { name: "early", properties: { n: 1 } },
    ]);
    const still = await setting.context.newPage();
    await still.goto(`${setting.site.url}/stub-still`);
    expect(await still.evaluate(() => window.rrhog?.status()?.recording)).toBe(false);
  });

  it("leaves the page its own errors: a wrong index of a CSS rule throws as ever", async () => {
    const page = await setting.context.newPage();
    await page.goto(setting.site.url);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    const name = await page.evaluate(() => {
      try {
        (document.querySelector("#sheet") as HTMLStyleElement).sheet?.insertRule("h1 { color: blue }", 99);
        return "none";
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(name).toBe("IndexSizeError");
  });

  it.each([
    ["the snippet twice", "/twice"],
    ["the snippet and the module", "/both"],
    ["the module after the snippet", "/both?later"],
  ])("records once where a page has %s, and warns", async (_, path) => {
    const page = await setting.context.newPage();
    const warnings: string[] = [];
    page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    await page.goto(setting.site.url + path);
    await until(() => expect(warnings).toEqual(["rrhog: This page is recorded already."]));
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await leave(page);
    const batches = await ended(setting.site);
    const events = batches.flatMap(({ events }) => events);
    expect(events.filter(({ type }) => type === 2)).toHaveLength(1);
    expect(new Set(batches.map(({ window_id }) => window_id)).size).toBe(1);
    if (path !== "/twice") expect(tagged(events, "rrhog.track")).toHaveLength(1);
  });

  it("says how it stands in an event for whoever listens", async () => {
    const page = await setting.context.newPage();
    await page.addInitScript(() => {
      const seen: unknown[] = [];
      Object.assign(window, { seen });
      window.addEventListener("rrhog:status", (event) => seen.push((event as CustomEvent).detail));
    });
    await page.goto(setting.site.url);
    const seen = () => page.evaluate(() => (window as unknown as { seen: { acknowledged: number }[] }).seen);
    await until(async () => expect((await seen()).map(({ acknowledged }) => acknowledged)).toContain(1));
  });
});
