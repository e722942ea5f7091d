import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type BatchFact, batchFacts, countsOf, FACTS_MAX, type FactBatch } from "./batch-facts.ts";
import type { FactEvent } from "./page-view.ts";
import { tellsFacts } from "./recorded-event.ts";

let clock = Date.UTC(2026, 10, 23, 12);
const event = (type: number, data?: unknown): FactEvent => ({ type, timestamp: ++clock, data });
const meta = (path: string) => event(4, { href: `https://shop.test${path}`, width: 800, height: 600 });
const custom = (tag: string, payload: unknown) => event(5, { tag, payload });
const plugin = (name: string, payload: unknown) => event(6, { plugin: name, payload });
const click = (id: number, more: object = {}) => event(3, { source: 2, type: 2, id, x: 10, y: 20, ...more });
const described = (id: number, more: object = {}) =>
  custom("rrhog.click", { id, tag: "button", selector: "#pay", x: 10, y: 20, text: "Pay now", ...more });
const log = (level: string, payload: unknown[], trace: string[] = []) =>
  plugin("rrweb/console@1", { level, payload, trace });
const network = (...requests: object[]) => plugin("rrweb/network@1", { requests });

const factsOf = (events: FactEvent[], envelope: Partial<FactBatch> = {}) =>
  batchFacts({ batch_id: "00000000-0000-4000-8000-000000000001", seq: 3, events, ...envelope });
const only = (name: string, facts: BatchFact[]) => facts.filter(({ event_name }) => event_name === name);
const propsOf = (name: string, ...events: FactEvent[]) => only(name, factsOf(events)).map(({ props }) => props);

describe("a click", () => {
  it("is rrweb's own event: the node and the point", () => {
    expect(propsOf("$click", click(7))).toEqual([{ id: 7, x: 10, y: 20 }]);
  });

  it("is told twice by our recorder, and is one", () => {
    expect(propsOf("$click", described(7), click(7))).toEqual([
      { id: 7, x: 10, y: 20, tag: "button", selector: "#pay", text: "Pay now" },
    ]);
  });

  it("is one too where its halves were sealed into two batches", () => {
    expect(propsOf("$click", described(7))).toEqual([]);
    expect(propsOf("$click", click(7), described(7), click(7))).toMatchObject([
      expect.not.objectContaining({ text: "Pay now" }),
      { text: "Pay now" },
    ]);
  });

  it("has its own description, among those of others and whatever the page does between the two", () => {
    const events = [
      described(1, { text: "One" }),
      described(2, { text: "Two" }),
      log("log", ['"in a listener"']),
      click(2),
      click(1),
    ];
    expect(propsOf("$click", ...events).map(({ text }) => text)).toEqual(["Two", "One"]);
  });

  it("has none from long before, and a link's address", () => {
    const early = described(1);
    clock += 5_000;
    expect(propsOf("$click", early, click(1), described(1, { href: "https://a.test/" }), click(1))).toEqual([
      { id: 1, x: 10, y: 20 },
      expect.objectContaining({ href: "https://a.test/" }),
    ]);
  });

  it("of two is a double click, and what follows it is no third", () => {
    expect(propsOf("$click", click(7), click(7), event(3, { source: 2, type: 4, id: 7, x: 1, y: 1 }))).toHaveLength(2);
  });

  it.each([[0], [1], [3], [5], [7]])("is no other interaction: %i", (type) => {
    expect(propsOf("$click", event(3, { source: 2, type, id: 7 }), event(3, { source: 1 }), event(3))).toEqual([]);
  });
});

describe("a console message", () => {
  it("is its arguments in one text, with the top of its stack", () => {
    expect(
      propsOf(
        "$console",
        log("warn", ['"Payment refused"', "402", '{"error":"Card declined"}'], ["pay (a.js:1:2)", "b"]),
      ),
    ).toEqual([{ level: "warn", message: 'Payment refused 402 {"error":"Card declined"}', trace: "pay (a.js:1:2)" }]);
  });

  it("is bounded, and bears what is no message", () => {
    const [long] = propsOf("$console", log("log", [JSON.stringify("x".repeat(99_999))]));
    expect(long?.message).toHaveLength(2_000);
    const odd = [plugin("rrweb/console@1", null), plugin("rrweb/console@1", { level: 1 }), log("log", ['"cut…', 7])];
    expect(propsOf("$console", ...odd)).toEqual([{ level: "log", message: '"cut… 7' }]);
  });
});

describe("a request", () => {
  const sent = { name: "https://shop.test/api/pay?x=1", initiatorType: "fetch", method: "post", status: 402 };

  it("happened when it was sent, and has what our recorder tells of it", () => {
    const told = network({
      ...sent,
      duration: 312,
      timestamp: clock - 500,
      requestBodySize: 9,
      encodedBodySize: 50,
      transferSize: 350,
    });
    expect(only("$request", factsOf([told]))).toMatchObject([
      {
        ts: told.timestamp - 501,
        props: {
          url: "https://shop.test/api/pay?x=1",
          type: "fetch",
          method: "POST",
          status: 402,
          failed: true,
          duration_ms: 312,
          request_bytes: 9,
          response_bytes: 50,
          transfer_bytes: 350,
        },
      },
    ]);
  });

  it.each<[string, object, object]>([
    ["without an answer", { ...sent, status: undefined, failed: true }, { failed: true }],
    ["given up by the page", { ...sent, status: undefined, aborted: true }, { failed: false, aborted: true }],
    ["whose answer the browser hides", { ...sent, status: 0 }, { failed: false }],
    [
      "as rrweb's plugin tells it",
      { url: "/a", initiatorType: "img", startTime: 5, endTime: 9.4 },
      { url: "/a", duration_ms: 4 },
    ],
    ["as PostHog's tells it", { ...sent, status: undefined, responseStatus: 500 }, { status: 500, failed: true }],
  ])("%s", (_, told, props) => expect(propsOf("$request", network(told))).toMatchObject([props]));

  it("is one of several in an event, each with an id of its own", () => {
    const facts = only("$request", factsOf([network(sent, { name: 7 }, { ...sent, name: "/b" }), network(sent)]));
    expect(facts.map(({ idx, props }) => [idx, props.url])).toEqual([
      [0, sent.name],
      [0, "/b"],
      [1, sent.name],
    ]);
    expect(new Set(facts.map(({ event_id }) => event_id)).size).toBe(3);
  });

  it("is not believed to be of the future, nor of long ago", () => {
    const told = network({ ...sent, timestamp: clock + 9e9 }, { ...sent, timestamp: 5 });
    expect(only("$request", factsOf([told])).map(({ ts }) => ts)).toEqual([told.timestamp, told.timestamp]);
  });
});

describe("an error", () => {
  const thrown = {
    kind: "error",
    name: "TypeError",
    message: "x is undefined",
    stack: ["pay (https://a.test/a.js:1:2)"],
    count: 1,
  };

  it("has its stack, its causes and a fingerprint, and happened when it says", () => {
    const cause = [{ name: "Error", message: "offline", stack: [] }];
    const told = custom("rrhog.error", {
      ...thrown,
      cause,
      filename: "a.js",
      line: 3,
      column: 4,
      timestamp: clock - 99,
    });
    expect(only("$error", factsOf([told], { release: "1.2", environment: "production" }))).toMatchObject([
      {
        ts: told.timestamp - 100,
        props: {
          ...thrown,
          stack: "pay (https://a.test/a.js:1:2)",
          cause: ["Error: offline"],
          filename: "a.js",
          line: 3,
          column: 4,
          fingerprint: expect.stringMatching(/^[\da-f-]{36}$/),
          release: "1.2",
          environment: "production",
        },
      },
    ]);
  });

  it("of another client is what its console plugin says was not caught; of ours it is not", () => {
    const events = [
      log("error", ['"Uncaught TypeError: x is undefined"'], ["pay (https://a.test/a.js:1:2)"]),
      log("error", ['"Uncaught (in promise) Error: no"']),
      log("error", ['"caught"']),
      log("log", ['"Uncaught Error: told"']),
    ];
    const [error, rejection, ...others] = only("$error", factsOf(events)).map(({ props }) => props);
    expect(others).toEqual([]);
    expect(error).toMatchObject({ kind: "error", name: "TypeError", message: "x is undefined" });
    expect(rejection).toMatchObject({ kind: "unhandledrejection", name: "Error", message: "no" });
    expect(error?.fingerprint).toBe(propsOf("$error", custom("rrhog.error", thrown))[0]?.fingerprint);
    expect(only("$error", factsOf(events, { sdk: "@rrhog/browser 0.1.0" }))).toEqual([]);
    expect(only("$console", factsOf(events))).toHaveLength(4);
  });

  it("bears what is none", () => {
    expect(
      propsOf("$error", custom("rrhog.error", null), custom("rrhog.error", { name: {}, stack: 7, count: -1 })),
    ).toMatchObject([{ name: "Error", message: "", count: 1 }]);
  });
});

it("a web vital has its name, value and rating", () => {
  const vital = { name: "LCP", value: 2_512.3, rating: "needs-improvement", navigation: "navigate", selector: "#hero" };
  expect(propsOf("$web_vital", custom("rrhog.web_vital", vital), custom("rrhog.web_vital", { name: "CLS" }))).toEqual([
    vital,
  ]);
});

describe("what the site says", () => {
  it("is an event of its own name, of our recorder and of others", () => {
    const facts = factsOf([
      custom("rrhog.track", { name: "bought", properties: { total: 12.5 } }),
      custom("cart opened", { items: 2 }),
      custom("signed_up", "by mail"),
      event(5, { tag: "left" }),
      custom("rrhog.track", { name: "waited" }),
    ]);
    expect(facts.map(({ event_name, props }) => [event_name, props])).toEqual([
      ["bought", { total: 12.5 }],
      ["cart opened", { items: 2 }],
      ["signed_up", { payload: "by mail" }],
      ["left", {}],
      ["waited", {}],
    ]);
  });

  it("cannot pass for a fact, nor for what our recorder says", () => {
    const names = ["$click", "", "x".repeat(201), 7];
    const tracked = names.map((name) => custom("rrhog.track", { name }));
    expect(
      factsOf([...tracked, custom("$pageview", {}), custom("rrhog.leave", { href: "/" }), custom("rrhog.new", {})]),
    ).toEqual([]);
  });
});

it("who the visitor is stands at the beginning of each batch that is told it", () => {
  const user = { id: "u1", email: "ada@shop.test", plan: "pro" };
  expect(only("$identify", factsOf([click(1), click(2)], { user }))).toMatchObject([
    { idx: 0, props: { id: "u1", email: "ada@shop.test" } },
  ]);
  expect(only("$identify", factsOf([click(1)], { user: { id: null } }))).toEqual([]);
});

describe("the viewport", () => {
  const resize = (width: number) => event(3, { source: 4, width, height: 600 });

  it("is with the page view, whichever event tells of the page", () => {
    const went = custom("rrhog.navigation", { href: "https://shop.test/a", kind: "load" });
    expect(propsOf("$pageview", went, meta("/a"))).toMatchObject([{ width: 800, height: 600 }]);
    const push = custom("rrhog.navigation", { href: "https://shop.test/b", kind: "push" });
    expect(propsOf("$pageview", meta("/a"), resize(500), push)).toMatchObject([{ width: 500 }]);
  });

  it("changes once for a window that is dragged", () => {
    const drag = [resize(500), resize(600), resize(700)];
    clock += 3_000;
    expect(propsOf("$resize", ...drag, resize(300))).toEqual([
      { width: 700, height: 600 },
      { width: 300, height: 600 },
    ]);
  });
});

describe("the address of a fact", () => {
  const urls = (events: FactEvent[], url?: string) =>
    factsOf(events, { url })
      .filter(({ event_name }) => event_name === "$click")
      .map(({ url }) => url);

  it("is the page's at that moment", () => {
    const push = custom("rrhog.navigation", {
      href: "https://shop.test/b",
      kind: "push",
      referrer: "https://shop.test/a",
    });
    expect(urls([click(1), push, click(2)], "https://shop.test/b")).toEqual([
      "https://shop.test/a",
      "https://shop.test/b",
    ]);
    expect(urls([click(1), click(2)], "https://shop.test/c")).toEqual(["https://shop.test/c", "https://shop.test/c"]);
  });

  it("is none where another page is loaded later in the batch: that one does not know where it was", () => {
    const load = custom("rrhog.navigation", {
      href: "https://shop.test/b",
      kind: "load",
      referrer: "https://other.test/",
    });
    expect(urls([click(1), load, click(2)], "https://shop.test/b")).toEqual(["", "https://shop.test/b"]);
  });
});

describe("a batch that tells too much", () => {
  it("has so many rows of a kind, what matters most among them, and the number of the others", () => {
    const flood = Array.from({ length: 5_000 }, (_, i) => log(i % 1_000 === 999 ? "error" : "log", [`"${i}"`]));
    const facts = factsOf(flood);
    expect(facts).toHaveLength(FACTS_MAX.$console);
    expect(countsOf(facts).console_error_count).toBe(5);
    expect(facts.at(-1)?.props).toMatchObject({ level: "error", left_out: 5_000 - FACTS_MAX.$console });
    expect(facts.toSorted((a, b) => a.idx - b.idx)).toEqual(facts);
  });

  it("keeps of a page's requests those that failed and those that its program made", () => {
    const many = (length: number, told: object) =>
      Array.from({ length }, () => ({ name: "/x", initiatorType: "img", ...told }));
    const facts = factsOf([
      network(...many(500, {}), ...many(3, { status: 404 }), ...many(10, { initiatorType: "fetch" })),
    ]);
    expect(facts).toHaveLength(FACTS_MAX.$request);
    expect(countsOf(facts).request_failed_count).toBe(3);
    expect(facts.filter(({ props }) => props.type === "fetch")).toHaveLength(10);
  });

  it("is soon read, whatever lies in it", () => {
    const pages = Array.from({ length: 20_000 }, (_, i) =>
      custom("rrhog.navigation", { href: `https://shop.test/${i}`, kind: "push" }),
    );
    expect(factsOf([...pages, ...Array.from({ length: 20_000 }, (_, i) => click(i))])).toHaveLength(
      FACTS_MAX.$pageview + FACTS_MAX.$click,
    );
  });
});

describe("a visit to the demo shop, recorded by our recorder", () => {
  interface Sent extends FactBatch {
    events: FactEvent[];
  }
  const batchesOf = (name: string): Sent[] => {
    const file = readFileSync(new URL(`../../demo/recordings/${name}.json.gz`, import.meta.url));
    return (JSON.parse(String(gunzipSync(file))) as { batches: Sent[] }).batches.map((batch, i) => ({
      ...batch,
      batch_id: String(i),
    }));
  };
  const visit = (name: string) => batchesOf(name).flatMap((batch) => batchFacts(batch));

  it("has each click once, and most of them with what was clicked", () => {
    const batches = batchesOf("ada-card-declined");
    const clicked = batches
      .flatMap(({ events }) => events)
      .filter(({ type, data }) => {
        const { source, type: interaction } = data as { source?: number; type?: number };
        return type === 3 && source === 2 && interaction === 2;
      });
    const clicks = only("$click", visit("ada-card-declined"));
    expect(clicks).toHaveLength(clicked.length);
    expect(clicks.filter(({ props }) => props.selector !== undefined).length).toBeGreaterThan(0.8 * clicks.length);
    expect(clicks.map(({ props }) => [props.selector, props.text])).toContainEqual(["#pay", "Pay €48.00"]);
  });

  it("has the declined payment as a request and as what the shop logged", () => {
    const facts = visit("ada-card-declined");
    expect(only("$request", facts).map(({ props }) => props)).toContainEqual(
      expect.objectContaining({
        method: "POST",
        type: "fetch",
        status: 402,
        failed: true,
        url: expect.stringMatching(/\/api\/payments$/),
      }),
    );
    expect(only("$console", facts)[0]?.props).toMatchObject({
      level: "warn",
      message: 'Payment refused 402 {"error":"Card declined"}',
    });
    expect(only("$identify", facts).at(-1)?.props.id).toEqual(expect.any(String));
  });

  it("has the error of the voucher button, where it is and how often it came", () => {
    const [error] = only("$error", visit("alan-voucher"));
    expect(error).toMatchObject({
      url: expect.stringMatching(/\/cart$/),
      props: { kind: "error", name: "TypeError", count: 1 },
    });
    expect(error?.props.stack).toMatch(/shop\.js:\d+:\d+/);
  });

  it("has the same facts where nothing was kept of the events that tell none", () => {
    for (const batch of batchesOf("two-tabs")) {
      const kept = batch.events.map(({ data, ...event }) =>
        tellsFacts(event.type, data) ? { ...event, data } : event,
      );
      expect(batchFacts({ ...batch, events: kept })).toEqual(batchFacts(batch));
    }
  });
});
