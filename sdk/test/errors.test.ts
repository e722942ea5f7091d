import { describe, expect, it } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { openWatched, recordingOf, recordsAgain, tagged } from "./recorded.ts";

const setting = inBrowser({
  "/": html("<h1>Shop</h1>"),
  "/early": html(`<h1>Shop</h1><script>
    addEventListener("rrhog:status", () => {
      setTimeout(() => { throw new Error("early") });
      Promise.reject(new Error("early rejection"));
    }, { once: true });
  </script>`),
  "/off": html("<h1>Shop</h1>", "", 'data-errors="false"'),
  "/foreign": html('<h1>Shop</h1><div id="place"></div>'),
  "/throws.js": (_, response) => {
    response.writeHead(200, { "Content-Type": "text/javascript" }).end("throw new Error('of another origin')");
  },
});

const open = async (path = "/") => openWatched(await setting.context.newPage(), setting.site.url + path);
const errorsOf = async (page: Awaited<ReturnType<typeof open>>) =>
  tagged(await recordingOf(page, setting.site), "rrhog.error");

describe("errors", () => {
  it("are told with their stack, their place and what caused them", async () => {
    const page = await open();
    await page.evaluate(() => {
      function pay() {
        const reason = new TypeError("no card");
        setTimeout(() => {
          throw new Error("payment failed", { cause: reason });
        });
      }
      pay();
      return new Promise((resolve) => setTimeout(resolve, 20));
    });
    const [error] = await errorsOf(page);
    expect(error).toMatchObject({
      kind: "error",
      name: "Error",
      message: "payment failed",
      count: 1,
      cause: [
        { name: "TypeError", message: "no card", stack: expect.arrayContaining([expect.stringMatching(/^pay \(/)]) },
      ],
      line: expect.any(Number),
      column: expect.any(Number),
    });
  });

  it("are rejections that nobody handled too, whatever they were rejected with", async () => {
    const page = await open();
    await page.evaluate(() => {
      void Promise.reject(new RangeError("too far"));
      void Promise.reject({ code: 7, password: "secret" });
      void Promise.reject("plain");
      return new Promise((resolve) => setTimeout(resolve, 20));
    });
    expect(await errorsOf(page)).toMatchObject([
      { kind: "unhandledrejection", name: "RangeError", message: "too far" },
      { kind: "unhandledrejection", name: "object", message: '{"code":7,"password":"********"}' },
      { kind: "unhandledrejection", name: "string", message: '"plain"' },
    ]);
  });

  it("are told from before the lazy part came, with their own time", async () => {
    const page = await open("/early");
    const errors = await errorsOf(page);
    expect(errors.map(({ message }) => message).sort()).toEqual(["early", "early rejection"]);
    expect(errors[0]?.timestamp).toBeLessThan(Date.now());
  });

  it("are told once, though recording stops and starts again, and not from between", async () => {
    const page = await open("/early");
    const fail = (message: string) =>
      page.evaluate(async (message) => {
        setTimeout(() => {
          throw new Error(message);
        });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }, message);
    await fail("first");
    await page.evaluate(() => window.rrhog?.stop());
    await fail("between");
    await page.evaluate(() => window.rrhog?.start());
    await recordsAgain(page, setting.site);
    await fail("last");
    const messages = (await errorsOf(page)).map(({ message }) => message);
    expect(messages.sort()).toEqual(["early", "early rejection", "first", "last"]);
  });

  it("that come again and again are told the first, the tenth and the hundredth time", async () => {
    const page = await open();
    await page.evaluate(async () => {
      for (let i = 0; i < 150; i++) dispatchEvent(new ErrorEvent("error", { message: "again", filename: "a.js" }));
    });
    expect((await errorsOf(page)).map(({ count }) => count)).toEqual([1, 10, 100]);
  });

  it("say where the browser says nothing: a script of another origin", async () => {
    const page = await open("/foreign");
    const elsewhere = setting.site.url.replace("127.0.0.1", "localhost");
    await page.evaluate((src) => {
      return new Promise((resolve) => {
        const script = document.createElement("script");
        script.onload = resolve;
        script.src = `${src}/throws.js`;
        document.body.append(script);
      });
    }, elsewhere);
    expect(await errorsOf(page)).toMatchObject([{ message: "Script error.", cross_origin: true }]);
  });

  it("tell no secret of an address, in message or stack", async () => {
    const page = await open("/?token=secret-in-query");
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.text = `setTimeout(() => { throw new Error("no answer of https://api.example/?api_key=secret-in-message") })`;
      document.body.append(script);
      return new Promise((resolve) => setTimeout(resolve, 20));
    });
    const [error] = await errorsOf(page);
    expect(error?.message).toContain("no answer of https://api.example/");
    expect(JSON.stringify(error)).not.toContain("secret-in");
  });

  it("are none where they are not wanted", async () => {
    const page = await open("/off");
    await page.evaluate(() => void Promise.reject(new Error("not this")));
    expect(await errorsOf(page)).toEqual([]);
  });
});
