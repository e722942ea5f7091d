import { describe, expect, it } from "vitest";
import { countedPageViews, type FactEvent, NAVIGATION_TAG, type PageView, pageViews } from "./page-view.ts";

let clock = 0;
const event = (type: number, data?: unknown): FactEvent => ({ type, timestamp: ++clock, data });
const domContentLoaded = () => event(0);
const load = () => event(1);
const full = () => event(2);
const incremental = () => event(3);
const meta = (path: string) => event(4, { href: `https://shop.test${path}`, width: 800, height: 600 });
const went = (kind: string, path: string, more: object = {}) =>
  event(5, { tag: NAVIGATION_TAG, payload: { href: `https://shop.test${path}`, kind, ...more } });

const seen = (seq: number, ...events: FactEvent[]) =>
  pageViews({ seq, events }).map(({ url, props }) => `${props.kind} ${url.slice("https://shop.test".length)}`);

describe("the page views of a batch that our recorder sent", () => {
  it("are where it says it went, and not the snapshots beside", () => {
    const events = [went("load", "/"), meta("/"), full(), incremental(), went("push", "/cart"), meta("/cart"), full()];
    expect(seen(0, ...events)).toEqual(["load /", "push /cart"]);
  });

  it("count a reload of the same address, but no replaced state without a new one", () => {
    expect(seen(3, went("load", "/"), went("replace", "/"), went("load", "/"))).toEqual(["load /", "load /"]);
  });

  it("carry title, referrer and campaign", () => {
    const [view] = pageViews({
      seq: 0,
      events: [went("load", "/?utm_source=mail&utm_campaign=autumn", { title: "Shop", referrer: "https://a.test/" })],
    });
    expect(view?.props).toEqual({
      kind: "load",
      title: "Shop",
      referrer: "https://a.test/",
      utm_source: "mail",
      utm_campaign: "autumn",
    });
  });

  it("are not made of custom events that merely look alike", () => {
    expect(seen(1, event(5, { tag: NAVIGATION_TAG, payload: { url: "/x" } }), event(5, null), event(5))).toEqual([]);
  });
});

describe("the page views of a batch of any other recorder", () => {
  it.each<[string, number, FactEvent[], string[]]>([
    ["a recording from before the load event on", 0, [domContentLoaded(), load(), meta("/"), full()], ["load /"]],
    ["a recording that began on a loaded page", 0, [meta("/"), full(), incremental()], ["load /"]],
    ["a later page of the same window", 7, [domContentLoaded(), load(), meta("/b"), full()], ["load /b"]],
    [
      "a recording that begins before load: the load event comes after the snapshot",
      0,
      [domContentLoaded(), meta("/"), full(), incremental(), load(), incremental(), meta("/"), full()],
      ["load /"],
    ],
    [
      "checkouts of one page",
      0,
      [meta("/"), full(), incremental(), meta("/"), full(), incremental(), meta("/"), full()],
      ["load /"],
    ],
    [
      "a checkout alone in its batch, which only its window can tell",
      5,
      [incremental(), meta("/"), full()],
      ["snapshot /"],
    ],
    ["a batch cut just before a checkout", 5, [meta("/"), full()], ["snapshot /"]],
    [
      "an address that changed between two checkouts",
      5,
      [meta("/a"), full(), incremental(), meta("/b"), full()],
      ["snapshot /a", "snapshot /b"],
    ],
    [
      "two pages in one batch, the second the first again",
      0,
      [load(), meta("/"), full(), load(), meta("/"), full()],
      ["load /", "load /"],
    ],
    ["a batch without any page", 5, [incremental(), incremental()], []],
    ["a Meta that says nothing", 0, [event(4), event(4, { href: 7 })], []],
  ])("%s", (_name, seq, events, expected) => {
    expect(seen(seq, ...events)).toEqual(expected);
  });

  it("carry the size of the window", () => {
    expect(pageViews({ seq: 0, events: [meta("/")] })[0]?.props).toEqual({ kind: "load", width: 800, height: 600 });
  });

  it("bear an address that is none, and cut one that is endless", () => {
    const [view] = pageViews({ seq: 0, events: [event(4, { href: `not a url ${"x".repeat(1_000_000)}` })] });
    expect(view?.url).toHaveLength(16 * 1024);
  });
});

describe("the page views of a window that count", () => {
  const view = (kind: PageView["props"]["kind"], url: string) => ({ url, props: { kind } });

  it("leave out what repeats the address before it without a load", () => {
    const views = [
      view("load", "/"),
      view("snapshot", "/"),
      view("push", "/a"),
      view("snapshot", "/a"),
      view("load", "/a"),
    ];
    expect(countedPageViews(views)).toEqual([views[0], views[2], views[4]]);
  });

  it("include the first of a recording whose beginning was lost", () => {
    expect(countedPageViews([view("snapshot", "/"), view("snapshot", "/")])).toHaveLength(1);
  });
});
