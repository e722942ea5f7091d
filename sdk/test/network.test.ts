import type { ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { isWatched, openWatched, recordingOf, requestsOf, tagged } from "./recorded.ts";

const SECRETS = { password: "secret-in-json", nested: { api_key: "secret-in-nested" }, page: 2 };
const allow = "data-record-headers='content-type, x-request-id, authorization, set-cookie' data-record-bodies='/api/*'";

const json = (response: ServerResponse, body: unknown, status = 200) =>
  response
    .writeHead(status, {
      "Content-Type": "application/json",
      "X-Request-Id": "r-1",
      "Set-Cookie": "s=secret-in-cookie",
    })
    .end(JSON.stringify(body));

/** Of `/api/slow-secret`. */
let slow: ServerResponse | undefined;

/** Of `/api/stream`, whose second part is sent once the page has the first. */
let stream: ServerResponse | undefined;

const setting = inBrowser({
  "/": html('<h1>Shop</h1><img src="/missing.png" alt="">'),
  "/allowed": html("<h1>Shop</h1>", "", allow),
  "/still": html("<h1>Shop</h1>", "", 'data-autostart="false"'),
  "/app": html("<h1>App</h1>", "", "data-ignore-urls='/secret*'"),
  "/secret/order": html("<h1>Order</h1>", "", "data-ignore-urls='/secret*'"),
  "/off": html("<h1>Shop</h1>", "", 'data-network="false"'),
  "/api/cart": (_, response) => json(response, SECRETS),
  "/api/broken": (_, response) => json(response, { error: "sold out" }, 503),
  // The test's end may cut a beacon off.
  "/api/echo": (request, response) =>
    void buffer(request)
      .then((body) => response.end(body))
      .catch(() => {}),
  "/api/never": () => {},
  "/api/slow-secret": (_, response) => {
    slow = response;
  },
  "/api/cut": (request) => void request.socket.destroy(),
  "/api/stream": (_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write("data: 1\n\n");
    stream = response;
  },
  "/api/go-on": (_, response) => {
    stream?.end("data: 2\n\n");
    response.end();
  },
  "/api/long": (_, response) => void response.end("x".repeat(500_000)),
});

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
/** Once its timing is there. */
const ask = async (path: string) => {
  await fetch(path);
  while (!performance.getEntriesByType("resource").some(({ name }) => name.endsWith(path)))
    await new Promise((resolve) => setTimeout(resolve, 50));
};
const open = async (path = "/") => openWatched(await setting.context.newPage(), setting.site.url + path);
const told = async (page: Awaited<ReturnType<typeof open>>) => requestsOf(await recordingOf(page, setting.site));
const of = (requests: Awaited<ReturnType<typeof told>>, path: string) =>
  requests.filter(({ name, method }) => method && new URL(name).pathname === path);

/** What a page does with requests, and what comes out of it: the same with and without the recorder. */
async function exercise() {
  const outcome: Record<string, unknown> = {};
  const rejections: string[] = [];
  addEventListener("unhandledrejection", (event) => {
    rejections.push((event.reason as Error).name);
    event.preventDefault();
  });
  const response = await fetch("/api/cart");
  outcome.json = [response.status, response.url.endsWith("/api/cart"), response.bodyUsed, await response.json()];
  const asked = new Request("/api/echo", { method: "PUT", body: "from a Request" });
  outcome.request = [await (await fetch(asked)).text(), asked.bodyUsed];
  outcome.init = await (await fetch(new URL("/api/echo", location.href), { method: "POST", body: "plain" })).text();
  const stream = await fetch("/api/stream");
  const parts: string[] = [];
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(new TextDecoder().decode(part.value));
    if (parts.length === 1) await fetch("/api/go-on");
  }
  outcome.stream = parts;
  const abort = new AbortController();
  const given = fetch("/api/never", { signal: abort.signal }).catch((error) => [
    error.name,
    error instanceof DOMException,
  ]);
  abort.abort();
  outcome.aborted = await given;
  outcome.failed = await fetch("/api/cut").catch((error) => [error.name, error instanceof TypeError]);
  outcome.wrong = await fetch("https://[").catch((error) => error.name);
  // Nobody handles it: told once.
  void fetch("/api/cut");

  const xhr = (method: string, path: string, isAsync: boolean, body?: string) =>
    new Promise((resolve) => {
      const seen: string[] = [];
      const request = new XMLHttpRequest();
      for (const type of ["load", "error", "abort", "timeout"]) request.addEventListener(type, () => seen.push(type));
      request.addEventListener("loadend", () => resolve([request.status, request.responseText, ...seen]));
      request.open(method, path, isAsync);
      request.setRequestHeader("X-Asked", "yes");
      try {
        request.send(body);
      } catch (error) {
        resolve([(error as Error).name, ...seen]);
      }
      if (path === "/api/never") request.abort();
    });
  outcome.xhr = await xhr("GET", "/api/cart", true);
  outcome.xhrSync = await xhr("POST", "/api/echo", false, "sync");
  outcome.xhrAborted = await xhr("GET", "/api/never", true);
  outcome.xhrFailed = await xhr("GET", "/api/cut", true);
  outcome.xhrSyncFailed = await xhr("GET", "/api/cut", false);
  const again = new XMLHttpRequest();
  for (const path of ["/api/cart", "/api/broken"]) {
    await new Promise((resolve) => {
      again.onload = resolve;
      again.open("GET", path);
      again.send();
    });
  }
  outcome.again = [again.status, again.responseText];
  outcome.beacon = navigator.sendBeacon("/api/echo", "beacon");
  do {
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (rejections.length === 0);
  outcome.rejections = rejections;
  return outcome;
}

describe("requests", () => {
  it("go on as without the recorder: aborted, streamed, as `Request`, by XHR, in time or at once", async () => {
    const bare = await setting.context.newPage();
    await bare.goto(`${setting.site.url}/off`);
    const expected = await bare.evaluate(exercise);
    expect(expected).toMatchObject({
      aborted: ["AbortError", true],
      rejections: ["TypeError"],
      stream: ["data: 1\n\n", "data: 2\n\n"],
    });
    for (const path of ["/", "/allowed"]) expect(await (await open(path)).evaluate(exercise)).toEqual(expected);
  });

  it("are told with method, status, sizes and times, failed and aborted ones too", async () => {
    const page = await open();
    await page.evaluate(exercise);
    const requests = await told(page);
    expect(of(requests, "/api/cart")[0]).toMatchObject({
      name: `${setting.site.url}/api/cart`,
      initiatorType: "fetch",
      method: "GET",
      status: 200,
      startTime: expect.any(Number),
      endTime: expect.any(Number),
      duration: expect.any(Number),
      timestamp: expect.any(Number),
      encodedBodySize: JSON.stringify(SECRETS).length,
      transferSize: expect.any(Number),
    });
    const echoes = of(requests, "/api/echo").map(({ method, initiatorType, requestBodySize }) => [
      method,
      initiatorType,
      requestBodySize,
    ]);
    expect(echoes).toEqual(
      expect.arrayContaining([
        ["PUT", "fetch", undefined],
        ["POST", "fetch", 5],
        ["POST", "xmlhttprequest", 4],
        ["POST", "beacon", 6],
      ]),
    );
    expect(of(requests, "/api/never").map(({ initiatorType, aborted }) => [initiatorType, aborted])).toEqual(
      expect.arrayContaining([
        ["fetch", true],
        ["xmlhttprequest", true],
      ]),
    );
    const cut = of(requests, "/api/cut");
    expect(cut).toHaveLength(4);
    for (const request of cut) expect(request).toMatchObject({ failed: true });
    expect(of(requests, "/api/broken")).toMatchObject([{ status: 503 }]);
    expect(of(requests, "/api/stream")).toHaveLength(1);
  });

  it("are each told once, resources and what came before the lazy part by the browser's timing", async () => {
    const page = await open();
    await page.evaluate(async () => {
      await fetch("/api/cart?n=1");
      await Promise.all([fetch("/api/cart?n=2"), fetch("/api/cart?n=2")]);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    });
    const requests = await told(page);
    expect(requests.filter(({ name }) => name.endsWith("?n=1"))).toHaveLength(1);
    expect(requests.filter(({ name }) => name.endsWith("?n=2"))).toHaveLength(2);
    expect(requests.filter(({ initiatorType }) => initiatorType === "navigation")).toMatchObject([
      { status: 200, isInitial: true },
    ]);
    expect(requests.filter(({ name }) => name.endsWith("/missing.png"))).toMatchObject([
      { initiatorType: "img", status: 404 },
    ]);
  });

  it.each([
    ["start was called", "/still", () => window.rrhog?.start()],
    ["the address was one that is recorded", "/secret/order", () => history.pushState(null, "", "/")],
  ])("are none from before %s", async (_, path, begin) => {
    const page = await setting.context.newPage();
    await page.goto(setting.site.url + path);
    await page.waitForFunction(() => window.rrhog?.status());
    await page.evaluate(ask, "/secret-asked");
    await page.evaluate(begin);
    await isWatched(page);
    await page.evaluate(ask, "/then-asked");
    const events = await recordingOf(page, setting.site);
    const paths = requestsOf(events).map(({ name }) => new URL(name).pathname);
    expect(paths).toContain("/then-asked");
    expect(paths.filter((path) => /secret|still/.test(path))).toEqual([]);
    // The same holds for what was measured.
    expect(tagged(events, "rrhog.web_vital").map(({ name }) => name)).not.toContain("TTFB");
  });

  it("are none from while recording had stopped, or paused, nor the answers that came then", async () => {
    const page = await open("/app");
    const pause = async (stop: () => void, start: () => void) => {
      await page.evaluate(() => {
        void fetch("/api/slow-secret");
      });
      await page.evaluate(stop);
      await until(async () => expect(await page.evaluate(() => window.rrhog?.status()?.recording)).toBe(false));
      await page.evaluate(ask, "/secret-asked");
      slow?.end("late");
      await page.evaluate(start);
      await isWatched(page);
      await page.evaluate(ask, "/then-asked");
    };
    await pause(
      () => window.rrhog?.stop(),
      () => window.rrhog?.start(),
    );
    await pause(
      () => history.pushState(null, "", "/secret/order"),
      () => history.pushState(null, "", "/app"),
    );
    const requests = await told(page);
    expect(requests.filter(({ name }) => name.endsWith("/then-asked")).length).toBeGreaterThanOrEqual(2);
    expect(requests.filter(({ name }) => name.includes("secret"))).toEqual([]);
  });

  it("are never the recorder's own, of any kind", async () => {
    const page = await open();
    for (const count of [1, 2]) {
      const acknowledged = () => page.evaluate(() => window.rrhog?.status()?.acknowledged);
      await vi.waitFor(async () => expect(await acknowledged()).toBeGreaterThanOrEqual(count), { timeout: 45_000 });
      await page.evaluate(() => window.rrhog?.track("bought"));
    }
    const names = (await told(page)).map(({ name }) => new URL(name).pathname);
    expect(names.filter((path) => /rrhog|^\/i$|config/.test(path))).toEqual([]);
  });

  it("are told without headers and bodies, and without the secrets of their addresses", async () => {
    const page = await open();
    await page.evaluate(async () => {
      const headers = { Authorization: "Bearer secret-in-header", "Content-Type": "application/json" };
      const body = JSON.stringify({ password: "secret-in-body" });
      await (
        await fetch("/api/echo?access_token=secret-in-query&page=2#secret-in-hash", { method: "POST", headers, body })
      ).text();
    });
    const requests = await told(page);
    expect(of(requests, "/api/echo")[0]?.name).toContain("page=2");
    expect(Object.keys(of(requests, "/api/echo")[0] ?? {}).filter((name) => /headers|body$/i.test(name))).toEqual([]);
    expect(JSON.stringify(requests)).not.toContain("secret-in");
  });

  it("are told with the headers and bodies that a site allows, masked, and never those that let somebody in", async () => {
    const page = await open("/allowed");
    await page.evaluate(async () => {
      const headers = { Authorization: "Bearer secret-in-header", "Content-Type": "application/json", "X-Other": "no" };
      const body = JSON.stringify({
        email: "ada@example.com",
        password: "secret-in-body",
        card_number: "secret-number",
      });
      await (await fetch("/api/cart", { method: "POST", headers, body })).json();
      const form = new URLSearchParams({ user: "ada", token: "secret-in-form" });
      await (await fetch(new Request("/api/cart", { method: "PUT", body: form }))).json();
      await (await fetch("/api/long")).text();
      await new Promise((resolve) => {
        const xhr = new XMLHttpRequest();
        xhr.onload = resolve;
        xhr.open("PATCH", "/api/cart");
        xhr.setRequestHeader("Authorization", "secret-in-header");
        xhr.setRequestHeader("Content-Type", "text/plain");
        xhr.send("secret=secret-in-text");
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    const requests = await told(page);
    const [post, put, patch] = ["POST", "PUT", "PATCH"].map((method) =>
      requests.find((request) => request.method === method),
    );
    const answer = '{"password":"********","nested":{"api_key":"********"},"page":2}';
    expect(post).toMatchObject({
      requestHeaders: { "content-type": "application/json" },
      requestBody: '{"email":"ada@example.com","password":"********","card_number":"********"}',
      responseHeaders: { "content-type": "application/json", "x-request-id": "r-1" },
      responseBody: answer,
    });
    expect(post?.requestHeaders).toEqual({ "content-type": "application/json" });
    expect(put).toMatchObject({ requestBody: "user=ada&token=********", responseBody: answer });
    expect(patch).toMatchObject({ requestHeaders: { "content-type": "text/plain" }, responseBody: answer });
    expect(JSON.stringify(requests)).not.toContain("secret-in");
    expect(of(requests, "/api/long")[0]?.responseBody).toBeUndefined();
  });

  it("pass through the wrappers of other libraries, made before, after, and undone in any order", async () => {
    const page = await setting.context.newPage();
    await page.addInitScript(() => {
      // As zone.js does it: another promise, and a mark on the function.
      class ZonePromise<T> extends Promise<T> {}
      const native = window.fetch;
      window.fetch = Object.assign((...args: Parameters<typeof fetch>) => ZonePromise.resolve(native(...args)), {
        mark: 1,
      });
      Object.assign(window, { ZonePromise, native });
    });
    await page.goto(setting.site.url);
    await isWatched(page, "ZonePromise");
    const outcome = await page.evaluate(async () => {
      const { ZonePromise } = window as unknown as { ZonePromise: typeof Promise };
      const calls: string[] = [];
      const between = window.fetch;
      window.fetch = (...args) => {
        calls.push(String(args[0]));
        return between(...args);
      };
      const { open } = XMLHttpRequest.prototype;
      XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, ...args: unknown[]) {
        calls.push(`xhr ${args[1]}`);
        return open.apply(this, args as unknown as Parameters<typeof open>);
      };
      const result = fetch("/api/cart");
      const isTheirs = result instanceof ZonePromise;
      await result;
      const xhr = new XMLHttpRequest();
      xhr.open("GET", "/api/broken", false);
      xhr.send();
      window.rrhog?.stop();
      const later = (await fetch("/api/cart")).status;
      return { isTheirs, mark: (between as unknown as { mark: number }).mark, calls, xhr: xhr.status, later };
    });
    expect(outcome).toEqual({
      isTheirs: true,
      mark: 1,
      calls: expect.arrayContaining(["/api/cart", "xhr /api/broken", "/api/cart"]),
      xhr: 503,
      later: 200,
    });
  });
});
