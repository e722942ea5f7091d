import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { allOf, consoleOf, openWatched, recordingOf, recordsAgain } from "./recorded.ts";

const setting = inBrowser({
  "/": html('<h1>Shop</h1><input id="password" type="password" value="secret-in-field">'),
  "/errors": html("<h1>Shop</h1>", "", 'data-console="error, warn"'),
  "/off": html("<h1>Shop</h1>", "", 'data-console="false"'),
});

const open = async (path = "/") => openWatched(await setting.context.newPage(), setting.site.url + path);

describe("console messages", () => {
  it("are rrweb's console events: level, place, and each argument as JSON", async () => {
    const page = await open();
    await page.evaluate(() => {
      function buy() {
        console.warn("sold out", { sku: "a-1", left: 0, tags: ["x"] }, 12, true, null, undefined);
      }
      buy();
    });
    const [message] = consoleOf(await recordingOf(page, setting.site));
    expect(message).toMatchObject({
      level: "warn",
      payload: ['"sold out"', '{"sku":"a-1","left":0,"tags":["x"]}', "12", "true", "null", '"undefined"'],
    });
    expect(message?.trace[0]).toMatch(/^buy \(/);
  });

  it("are read without running any code of the page, whatever is in them", async () => {
    const page = await open();
    const ran = await page.evaluate(() => {
      let ran = 0;
      const loop: Record<string, unknown> = { name: "loop" };
      loop.self = loop;
      const getter = {
        get trap() {
          ran++;
          throw new Error("read");
        },
        toJSON() {
          ran++;
        },
        toString() {
          ran++;
          return "";
        },
      };
      const hostile = new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("no");
          },
        },
      );
      const deep = { a: { b: { c: { d: { e: 1 } } } } };
      console.log(loop, getter, hostile, deep, new Map([["a", 1]]), new Set([1]), 1n, Symbol("s"), Number.NaN);
      console.log(document.querySelector("#password"), window, new Uint8Array(1e6), new Date(Number.NaN), () => 1);
      console.log(
        "x".repeat(100_000),
        Array.from({ length: 1_000 }, () => "y".repeat(900)),
      );
      console.error(new TypeError("broken", { cause: 1 }));
      return ran;
    });
    expect(ran).toBe(0);
    const [things, objects, long, error] = consoleOf(await recordingOf(page, setting.site)).map(
      ({ payload }) => payload,
    );
    expect(things).toEqual([
      '{"name":"loop","self":"[Circular]"}',
      '{"trap":"(…)","toJSON":"[Function toJSON]","toString":"[Function toString]"}',
      '"[unreadable]"',
      '{"a":{"b":{"c":{"d":"[object Object]"}}}}',
      '{"a":1}',
      "[1]",
      '"1"',
      '"Symbol(s)"',
      '"NaN"',
    ]);
    expect(objects?.[0]).toBe('"[INPUT]"');
    expect(objects?.slice(2)).toEqual(['"[object Uint8Array]"', '"Invalid Date"', '"[Function ]"']);
    expect(objects?.[1]?.length).toBeLessThan(15_000);
    expect(long?.[0]?.length).toBeLessThan(1_100);
    expect(long?.[1]?.length).toBeLessThan(15_000);
    expect(error?.[0]).toMatch(/^"TypeError: broken\\n {4}at /);
  });

  it("tell no secret that can be told by its name, and no field's value", async () => {
    const page = await open();
    await page.evaluate(() => {
      console.log({ password: "secret-1", user: { apiKey: "secret-2", author: "Ada" } });
      console.log(new Map([["access_token", "secret-3"]]), JSON.stringify({ token: "secret-4" }));
      console.log("Authorization: Bearer secret-5", "https://shop.example/?token=secret-6&page=2");
      console.log(document.querySelector("#password"), document.body);
    });
    const told = JSON.stringify(consoleOf(await recordingOf(page, setting.site)));
    expect(told).not.toContain("secret-");
    expect(told).toContain("Ada");
    expect(told).toContain("page=2");
  });

  it("are those of the chosen levels", async () => {
    const page = await open("/errors");
    await page.evaluate(() => {
      console.log("not this");
      console.error("this");
    });
    expect(consoleOf(await recordingOf(page, setting.site)).map(({ level }) => level)).toEqual(["error"]);
  });

  it("are none where they are not wanted, and the console is the browser's own", async () => {
    const page = await open("/off");
    expect(await page.evaluate(() => String(console.log))).toContain("[native code]");
    await page.evaluate(() => console.log("not this"));
    expect(consoleOf(await recordingOf(page, setting.site))).toEqual([]);
  });

  it("tell a failed assertion alone, without its condition", async () => {
    const page = await open();
    await page.evaluate(() => {
      console.assert(true, "holds");
      console.assert(false, "fails");
    });
    expect(consoleOf(await recordingOf(page, setting.site)).map(({ payload }) => payload)).toEqual([['"fails"']]);
  });

  it("end after a thousand, and say so", async () => {
    const page = await open();
    await page.evaluate(() => {
      for (let i = 0; i < 1_500; i++) console.log(i);
    });
    // More than a page that goes may send.
    await vi.waitFor(() => expect(consoleOf(allOf(setting.site)).length).toBeGreaterThan(1_000), { timeout: 45_000 });
    const messages = consoleOf(await recordingOf(page, setting.site));
    expect(messages).toHaveLength(1_001);
    expect(messages.at(-1)?.payload).toEqual(['"rrhog: more than 1000 console messages, the rest is left out"']);
  });

  it("reach the page's console and its other wrappers as ever, before, after and without the recorder", async () => {
    const page = await open();
    const seen: string[] = [];
    page.on("console", (message) => seen.push(message.text()));
    const calls = await page.evaluate(() => {
      const calls: string[] = [];
      const ours = console.info;
      console.info = (...args) => {
        calls.push(`wrapped ${args}`);
        ours.apply(console, args);
      };
      console.info("one");
      window.rrhog?.stop();
      console.info("two");
      // Wrapped meanwhile, so it stays; what nobody wrapped is the browser's again.
      calls.push(String(console.log).includes("[native code]") ? "native" : "ours");
      window.rrhog?.start();
      return calls;
    });
    expect(calls).toEqual(["wrapped one", "wrapped two", "native"]);
    await recordsAgain(page, setting.site);
    await page.evaluate(() => console.info("three"));
    await vi.waitFor(() => expect(seen).toEqual(["one", "two", "three"]), { timeout: 45_000 });
    const told = consoleOf(await recordingOf(page, setting.site)).map(({ payload }) => payload[0]);
    expect(told).toEqual(['"one"', '"three"']);
  });
});
