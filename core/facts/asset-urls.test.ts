import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { EventType } from "#protocol/event.ts";
import { assetUrls, cssAssetUrls, mayHoldAssets, PageAddress, type StoredAssets, storeInEvent } from "./asset-urls.ts";
import type { FactEvent } from "./page-view.ts";

const PAGE = "https://shop.example/list/page.html";
const CDN = "https://cdn.example";

const element = (tagName: string, attributes: Record<string, unknown>, childNodes: object[] = []) => ({
  type: 2,
  id: 1,
  tagName,
  attributes,
  childNodes,
});
const snapshot = (...childNodes: object[]): FactEvent => ({
  type: EventType.FullSnapshot,
  timestamp: 0,
  data: { node: { type: 0, id: 0, childNodes } },
});
const incremental = (data: object): FactEvent => ({ type: EventType.IncrementalSnapshot, timestamp: 0, data });

/** Keeps what it is told: sheets by their text, the rest by a number. */
function keeping(kept: Record<string, string | number>): StoredAssets {
  return {
    address: (url) => (url in kept ? `/kept/${kept[url]}` : null),
    sheet: (url) => (typeof kept[url] === "string" ? { text: kept[url], base: url } : null),
  };
}

const EVENTS: Record<string, { event: FactEvent; urls: string[] }> = {
  "a linked stylesheet": {
    event: snapshot(element("link", { rel: "preload stylesheet", href: `${CDN}/a.css` })),
    urls: [`${CDN}/a.css`],
  },
  "the text of a stylesheet that rrweb has put in": {
    event: snapshot(
      element("link", { rel: "stylesheet", href: `${CDN}/a.css`, _cssText: `a{background:url(${CDN}/a.png)}` }),
    ),
    urls: [`${CDN}/a.png`],
  },
  "a style element": {
    event: snapshot(
      element("style", {}, [{ type: 3, id: 2, textContent: '@import "b.css"; b{background:url(/b.png)}' }]),
    ),
    urls: ["https://shop.example/list/b.css", "https://shop.example/b.png"],
  },
  "an image with candidates": {
    event: snapshot(element("img", { src: "a.png", srcset: `${CDN}/1.png, ${CDN}/2.png 2x,${CDN}/3.png 3x` })),
    urls: ["https://shop.example/list/a.png", `${CDN}/1.png`, `${CDN}/2.png`, `${CDN}/3.png`],
  },
  "a picture's source": {
    event: snapshot(element("picture", {}, [element("source", { srcset: `${CDN}/w.webp 640w, ${CDN}/v.webp 1280w` })])),
    urls: [`${CDN}/w.webp`, `${CDN}/v.webp`],
  },
  "a poster": {
    event: snapshot(element("video", { poster: "/p.jpg", src: "/film.mp4" })),
    urls: ["https://shop.example/p.jpg"],
  },
  "SVG images": {
    event: snapshot(
      element("svg", {}, [
        element("image", { href: `${CDN}/i.png` }),
        element("use", { "xlink:href": `${CDN}/icons.svg#cart` }),
        element("use", { href: "#own" }),
      ]),
    ),
    urls: [`${CDN}/i.png`, `${CDN}/icons.svg`],
  },
  "a style attribute": {
    event: snapshot(element("p", { style: `background: url("${CDN}/s.png")` })),
    urls: [`${CDN}/s.png`],
  },
  "what a mutation adds and changes": {
    event: incremental({
      source: 0,
      adds: [{ parentId: 1, nextId: null, node: element("img", { src: `${CDN}/n.png` }) }],
      attributes: [
        { id: 4, attributes: { src: `${CDN}/late.png` } },
        { id: 5, attributes: { style: { "background-image": `url(${CDN}/o.png)`, color: ["red", "important"] } } },
      ],
    }),
    urls: [`${CDN}/n.png`, `${CDN}/late.png`, `${CDN}/o.png`],
  },
  "rules that scripts put in": {
    event: incremental({ source: 8, adds: [{ rule: `a{background:url(${CDN}/r.png)}`, index: 0 }] }),
    urls: [`${CDN}/r.png`],
  },
  "adopted sheets": {
    event: incremental({
      source: 15,
      id: 1,
      styles: [{ styleId: 1, rules: [{ rule: `a{background:url(${CDN}/q.png)}` }] }],
    }),
    urls: [`${CDN}/q.png`],
  },
  "a style that a script sets": {
    event: incremental({ source: 13, set: { property: "background", value: `url(${CDN}/d.png)` } }),
    urls: [`${CDN}/d.png`],
  },
  "a font that a script loads": {
    event: incremental({ source: 10, family: "F", buffer: false, fontSource: `url(${CDN}/f.woff2)` }),
    urls: [`${CDN}/f.woff2`],
  },
};

describe("the addresses that an event names", () => {
  it.each(Object.keys(EVENTS))("%s", (name) => {
    const { event, urls } = EVENTS[name] as { event: FactEvent; urls: string[] };
    const before = structuredClone(event);
    expect(assetUrls(event, new PageAddress(PAGE))).toEqual(urls);
    expect(event).toEqual(before);
    expect(mayHoldAssets(JSON.stringify(event))).toBe(true);
  });

  it.each(Object.keys(EVENTS))("%s: where all is kept, nothing of the site is named any more", (name) => {
    const { event, urls } = structuredClone(EVENTS[name]) as { event: FactEvent; urls: string[] };
    const changed = storeInEvent(
      event,
      new PageAddress(PAGE),
      keeping(Object.fromEntries(urls.map((url, i) => [url, i]))),
    );
    // Sheets are kept as text alone.
    if (!urls.some((url) => url.endsWith(".css"))) expect(changed).toBe(true);
    const left = assetUrls(event, new PageAddress(PAGE));
    expect(left.filter((url) => urls.includes(url) && !url.endsWith(".css"))).toEqual([]);
  });

  it("go by the page's address, or its base", () => {
    const page = new PageAddress("");
    page.see({ type: EventType.Meta, timestamp: 0, data: { href: PAGE } });
    const image = element("img", { src: "a.png" });
    expect(assetUrls(snapshot(image), page)).toEqual(["https://shop.example/list/a.png"]);
    expect(assetUrls(snapshot(element("base", { href: "/static/" }), image), page)).toEqual([
      "https://shop.example/static/a.png",
    ]);
  });

  it.each([
    "data:image/png;base64,AA==",
    "blob:https://x/1",
    "javascript:alert(1)",
    "#frag",
    "",
    "file:///etc/passwd",
    `${CDN}/${"a".repeat(3_000)}`,
  ])("%.40s is none", (src) => {
    expect(assetUrls(snapshot(element("img", { src })), new PageAddress(PAGE))).toEqual([]);
  });

  it("are told of no event that has none, and of a hostile one only so many", () => {
    expect(mayHoldAssets(JSON.stringify(incremental({ source: 1, positions: [{ x: 1, y: 2, id: 3 }] })))).toBe(false);
    const many = Array.from({ length: 5_000 }, (_, i) => element("img", { src: `${CDN}/${i}.png` }));
    expect(assetUrls(snapshot(...many), new PageAddress(PAGE))).toHaveLength(2_000);
    expect(assetUrls(snapshot(element("img", { srcset: ",".repeat(400_000) })), new PageAddress(PAGE))).toEqual([]);
  });

  it("are passed over where they are no text, nor can be made one", () => {
    const odd = { toString: 1, valueOf: 1 };
    const event = snapshot(element("link", { rel: odd, href: odd }), element("img", { src: odd, srcset: odd }));
    expect(assetUrls(event, new PageAddress(PAGE))).toEqual([]);
  });

  it("of a real page are found in its snapshot", async () => {
    const events = JSON.parse(await readFile("test/recordings/nasty.recording.json", "utf8")) as FactEvent[];
    const page = new PageAddress("");
    for (const event of events) for (const url of assetUrls(event, page)) expect(URL.canParse(url)).toBe(true);
  });
});

describe("an event whose assets are kept", () => {
  it("has linked sheets as text, with the addresses in them changed by the sheet's own, and imports put in", () => {
    const event = snapshot(element("link", { rel: "stylesheet", href: `${CDN}/css/a.css`, media: "screen" }));
    const kept = keeping({
      [`${CDN}/css/a.css`]: '@import "b.css" print; a{background:url(../a.png)}',
      [`${CDN}/css/b.css`]: "@import 'a.css'; b{background:url(//cdn.example/a.png)}",
      [`${CDN}/a.png`]: 7,
    });
    expect(storeInEvent(event, new PageAddress(PAGE), kept)).toBe(true);
    const text = JSON.stringify(event);
    expect(text).toContain("@media print{");
    expect(text).toContain('b{background:url(\\"/kept/7\\")}');
    expect(text).not.toContain("a.png");
  });

  it("keeps fragments, and candidates only that are kept", () => {
    const image = element("img", { src: `${CDN}/gone.png`, srcset: `${CDN}/1.png 1x, ${CDN}/gone.png 2x, data:,x 3x` });
    const none = element("img", { srcset: `${CDN}/gone.png 2x` });
    const use = element("use", { href: `${CDN}/icons.svg#cart` });
    storeInEvent(
      snapshot(image, none, use),
      new PageAddress(PAGE),
      keeping({ [`${CDN}/1.png`]: 1, [`${CDN}/icons.svg`]: 2 }),
    );
    expect(image.attributes).toEqual({ src: `${CDN}/gone.png`, srcset: "/kept/1 1x, data:,x 3x" });
    expect(none.attributes).toEqual({});
    expect(use.attributes).toEqual({ href: "/kept/2#cart" });
  });

  it("is the same where nothing is", () => {
    const event = snapshot(
      element("img", { src: `${CDN}/a.png` }),
      element("link", { rel: "stylesheet", href: "/a.css" }),
    );
    const before = structuredClone(event);
    expect(storeInEvent(event, new PageAddress(PAGE), keeping({}))).toBe(false);
    expect(event).toEqual(before);
  });

  it("ends on sheets that import each other without end", () => {
    const sheets = Object.fromEntries(
      ["x", "y"].map((name) => [`${CDN}/${name}.css`, '@import "x.css";@import "y.css";'.repeat(100)]),
    );
    const event = snapshot(element("link", { rel: "stylesheet", href: `${CDN}/x.css` }));
    storeInEvent(event, new PageAddress(PAGE), keeping(sheets));
    expect(JSON.stringify(event).length).toBeLessThan(64 * 1024 * 1024);
  });

  it("tells what a sheet names", () => {
    expect(cssAssetUrls("@import 'b.css'; @font-face{src:url(f.woff2#iefix)}", `${CDN}/css/a.css`)).toEqual([
      `${CDN}/css/b.css`,
      `${CDN}/css/f.woff2`,
    ]);
  });
});
