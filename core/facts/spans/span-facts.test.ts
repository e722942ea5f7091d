import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FoldEvent } from "../dom/fold.ts";
import { type PlayableAttempt, playOrder } from "../play-order.ts";
import { activeMs } from "./activity.ts";
import { type WindowFacts, WindowReader } from "./window-facts.ts";

function recording(name: string): FoldEvent[] {
  const file = new URL(`../../../test/recordings/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as FoldEvent[];
}

interface Sent {
  attempt: PlayableAttempt;
  events: FoldEvent[];
}

/** A window's batches, of so many events each. */
function batchesOf(events: readonly FoldEvent[], size: number, windowId = "w"): Sent[] {
  return Array.from({ length: Math.ceil(events.length / size) }, (_, seq) => {
    const ofBatch = events.slice(seq * size, (seq + 1) * size);
    const times = ofBatch.map(({ timestamp }) => timestamp);
    const attempt: PlayableAttempt = {
      window_id: windowId,
      seq,
      batch_id: `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`,
      received_at: seq,
      first_ts: Math.min(...times),
      last_ts: Math.max(...times),
      event_count: ofBatch.length,
      events_bytes: 1,
      full_snapshot_idx: [],
      full_snapshot_ts: [],
      is_end: (seq + 1) * size >= events.length,
      url: "",
      user_id: null,
      version: 0,
    };
    return { attempt, events: ofBatch };
  });
}

/** As the worker does it: what arrived, in whatever order, by play order. */
function told(sent: readonly Sent[]): WindowFacts {
  const [window] = playOrder(sent.map(({ attempt }) => attempt)).windows;
  const reader = new WindowReader(window?.window_id ?? "");
  for (const batch of window?.batches ?? []) {
    const found = sent.find(({ attempt }) => attempt.batch_id === batch.batch_id);
    for (const [idx, event] of (found?.events ?? []).entries()) reader.take(batch, idx, event);
  }
  return reader.end();
}

const names = ({ facts }: WindowFacts) => facts.map(({ event_name }) => event_name).filter((name) => name !== "$click");

describe("a visit that did not get through, as rrweb alone recorded it", () => {
  const events = recording("checkout");
  const began = (events.find(({ type }) => type === 4) as FoldEvent).timestamp;
  const facts = told(batchesOf(events, 20));
  const of = (name: string) =>
    facts.facts
      .filter(({ event_name }) => event_name === name)
      .map(({ props, ts, url }) => ({ ...props, s: Math.round((ts - began) / 1_000), path: new URL(url).pathname }));

  it("tells what was clicked", () => {
    expect(of("$click")).toHaveLength(8);
    expect(of("$click")[0]).toMatchObject({ tag: "button", selector: "#card > button.coupon", text: "Apply coupon" });
  });

  it("tells six clicks on the button that had said no, and the one after which nothing happened", () => {
    expect(of("$rage_click")).toMatchObject([{ count: 6, selector: '[data-testid="pay"]', text: "Pay now" }]);
    expect(of("$dead_click")).toMatchObject([{ text: "Apply coupon" }]);
  });

  it("tells what appeared, the form that was left, and the look elsewhere", () => {
    expect(of("$text_appeared")).toMatchObject([{ text: "Card declined", s: 10 }]);
    expect(of("$form_abandoned")).toMatchObject([{ selector: "#delivery", fields: 1 }]);
    expect(of("$quick_back")).toMatchObject([{ path: "/terms.html" }]);
    expect(facts.texts.map(({ text }) => text)).toContain("You owe us what you owe us.");
  });

  it("was active for a part of it", () => {
    expect(Math.round(activeMs([facts.active]) / 1_000)).toBe(31);
    expect(
      activeMs([
        [
          [0, 10],
          [20, 30],
        ],
        [[5, 25]],
      ]),
    ).toBe(30);
  });
});

describe("batches that come late, twice and in any order", () => {
  it.each([
    ["checkout", 7],
    ["api-explorer", 40],
    ["patchwork", 60],
  ])("tell the same of %s", (name, size) => {
    const sent = batchesOf(recording(name), size);
    const whole = told(sent);
    fc.assert(
      fc.property(fc.shuffledSubarray([...sent, ...sent], { minLength: sent.length * 2 }), (arrived) => {
        const again = arrived.map(({ attempt, events }, at) => ({ attempt: { ...attempt, received_at: at }, events }));
        expect(told(again)).toEqual(whole);
      }),
      { numRuns: 3 },
    );
  });
});

const T0 = 1_790_000_000_000;
const at = (ms: number, type: number, data: unknown = {}): FoldEvent => ({ type, data, timestamp: T0 + ms });
const element = (id: number, tagName: string, attributes: object, ...childNodes: object[]) => ({
  type: 2,
  id,
  tagName,
  attributes,
  childNodes,
});
const PAGE = [
  at(0, 4, { href: "https://shop.test/", width: 800, height: 600 }),
  at(1, 2, {
    node: {
      type: 0,
      id: 1,
      childNodes: [
        element(
          2,
          "html",
          {},
          element(
            3,
            "body",
            {},
            element(4, "button", {}),
            element(5, "p", {}),
            element(6, "div", { style: "cursor: pointer" }),
            element(7, "div", { onclick: "" }),
            element(8, "div", { style: `${"color: red;".repeat(1_000)}cursor: pointer` }),
          ),
        ),
      ],
    },
    initialOffset: { top: 0, left: 0 },
  }),
];
const click = (ms: number, id = 4, x = 10) => at(ms, 3, { source: 2, type: 2, id, x, y: 10 });
const moved = (ms: number) => at(ms, 3, { source: 1, positions: [] });
const network = (ms: number, ...requests: object[]) => at(ms, 6, { plugin: "rrweb/network@1", payload: { requests } });
const of = (...events: FoldEvent[]) => names(told(batchesOf([...PAGE, ...events], 100)));

describe("a dead click", () => {
  const DEAD = ["$dead_click"];
  it("is one on what looks as if it did something, with 2.5 s after it in which nothing came of it", () => {
    for (const id of [4, 6, 7]) expect(of(click(100, id), moved(2_601))).toEqual(DEAD);
    expect(of(click(100, 5), moved(2_601))).toEqual([]);
  });

  it("is one on what is styled so by and by, and none where no more of a style is read than a page has", () => {
    const styled = (style: object) => at(50, 3, { source: 0, attributes: [{ id: 5, attributes: { style } }] });
    expect(of(styled({ cursor: "pointer" }), click(100, 5), moved(2_601))).toEqual(DEAD);
    expect(of(styled({ cursor: "text" }), click(100, 5), moved(2_601))).toEqual([]);
    expect(of(click(100, 8), moved(2_601))).toEqual([]);
  });

  it("is not told before the 2.5 s were received, or where something is missing of them", () => {
    expect(of(click(100), moved(2_600))).toEqual([]);
    const sent = batchesOf([...PAGE, click(100), moved(200), moved(300), moved(4_000)], 2);
    expect(names(told(sent))).toEqual(DEAD);
    expect(names(told(sent.filter(({ attempt }) => attempt.seq !== 1)))).toEqual([]);
    const [first, second, third] = sent as [Sent, Sent, Sent];
    const gap = [first, second, { ...third, attempt: { ...third.attempt, seq: 3 } }];
    expect(names(told(gap))).toEqual([]);
  });

  it.each<[string, FoldEvent]>([
    ["a change in the page", at(2_500, 3, { source: 0 })],
    ["scrolling", at(2_500, 3, { source: 3, id: 1, x: 0, y: 9 })],
    ["something chosen", at(2_500, 3, { source: 5, id: 4, text: "", isChecked: true })],
    ["another page", at(2_500, 4, { href: "https://shop.test/cart" })],
    ["another address", at(2_500, 5, { tag: "rrhog.navigation", payload: { href: "https://shop.test/#a" } })],
    ["a request", network(2_500, { name: "/a", timestamp: T0 + 2_400 })],
    ["a request that is told when it ends", network(40_000, { name: "/a", startTime: 500, endTime: 38_500 })],
  ])("is none where there was %s", (_, event) => {
    expect(of(click(100), event, moved(50_000))).toEqual([]);
  });

  it("is one though a snapshot was taken, or a request begun before it ended after", () => {
    expect(of(click(100), at(900, 4, { href: "https://shop.test/" }), moved(2_601))).toEqual(DEAD);
    expect(of(click(100), network(900, { name: "/a", startTime: 0, endTime: 900 }), moved(2_601))).toEqual(DEAD);
  });
});

describe("a rage click", () => {
  const many = (...times: number[]) => of(...times.map((ms, i) => click(10 + ms, 5, i)));
  it("is four within a second, and as many as go on", () => {
    expect(many(0, 300, 600, 1_000)).toEqual(["$rage_click"]);
    expect(many(0, 300, 600, 1_001)).toEqual([]);
    expect(many(0, 900, 1_200, 1_500, 1_800)).toEqual(["$rage_click"]);
    expect(many(0, 100, 200, 300, 5_000, 5_100, 5_200, 5_300)).toEqual(["$rage_click", "$rage_click"]);
  });

  it("is on one element, within 30 px", () => {
    expect(of(click(0, 5), click(1, 5), click(2, 6), click(3, 5))).toEqual([]);
    expect(of(click(0, 5, 0), click(1, 5, 30), click(2, 5, 0), click(3, 5, 31))).toEqual([]);
    // Whoever was too far off first does not hide those that came together after.
    expect(of(...[0, 20, 40, 41, 42].map((x, ms) => click(ms, 5, x)))).toEqual(["$rage_click"]);
  });
});

describe("whatever a recording says", () => {
  const LONG = "x".repeat(1_000_000);
  const lengthsOf = (...events: FoldEvent[]) => {
    const { facts, texts } = told(batchesOf([...PAGE, ...events], 1_000));
    const longest = Math.max(...[...facts, ...texts].map((row) => JSON.stringify(row).length));
    const address = Math.max(...facts.map(({ url }) => url.length));
    return { longest, address, names: [...new Set(facts.map(({ event_name }) => event_name))].sort() };
  };
  it("no row is as long as what it was told of", () => {
    const adds = [
      { parentId: 3, node: element(20, LONG, { href: LONG, title: LONG, class: LONG, id: LONG }) },
      { parentId: 3, node: element(30, "a", { href: LONG }) },
      { parentId: 30, node: { type: 3, id: 31, textContent: LONG } },
      { parentId: 3, node: element(40, "form", { title: LONG }) },
      { parentId: 40, node: element(41, "input", {}) },
    ].map((add) => ({ ...add, nextId: null }));
    const { longest, address, names } = lengthsOf(
      at(10, 4, { href: `https://shop.test/${LONG}` }),
      click(10),
      at(11, 3, { source: 0, adds }),
      click(20, 20),
      ...[30, 31, 32, 33].map((ms) => click(ms, 30)),
      at(40, 3, { source: 5, id: 41, text: LONG, isChecked: false }),
      at(5_000, 5, { tag: "rrhog.navigation", payload: { href: `https://shop.test/?${LONG}` } }),
      at(6_000, 4, { href: `https://shop.test/${LONG}` }),
      moved(200_000),
    );
    expect(names).toEqual(["$click", "$form_abandoned", "$quick_back", "$rage_click", "$text_appeared"]);
    expect(longest).toBeLessThan(20_000);
    expect(address).toBe(2_000); // as batch facts have it
  });

  it("an address is the same one to the length that is kept of it", () => {
    const meta = (ms: number) => at(ms, 4, { href: `https://shop.test/${LONG}` });
    expect(of(meta(10), click(100), meta(900), moved(2_601))).toEqual(["$dead_click"]);
  });

  it("a rage of any length is counted, from its first click to its last", () => {
    const clicks = Array.from({ length: 500 }, (_, i) => click(10 + i * 100, 5));
    const [rage] = told(batchesOf([...PAGE, ...clicks], 1_000)).facts.filter(
      (fact) => fact.event_name === "$rage_click",
    );
    expect(rage?.props).toMatchObject({ count: 500, duration_ms: 49_900 });
  });
});

it("leaves clicks alone that our recorder has described", () => {
  const described = at(100, 5, { tag: "rrhog.click", payload: { id: 4, tag: "button" } });
  const facts = told(batchesOf([...PAGE, described, click(101), click(9_000)], 100)).facts;
  expect(facts.filter(({ event_name }) => event_name === "$click").map(({ ts }) => ts - T0)).toEqual([9_000]);
});
