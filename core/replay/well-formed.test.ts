import { describe, expect, it } from "vitest";
import { wellFormed } from "./well-formed.ts";

const CUSTOM = 5;
const INCREMENTAL = 3;

/** A full snapshot's document, as it is left. */
function built(...childNodes: unknown[]): unknown {
  const node = { type: 0, id: 1, childNodes };
  wellFormed({ type: 2, timestamp: 0, data: { node } });
  return node.childNodes;
}

let nextId = 2;
const element = (tagName: string, more: object = {}, childNodes: unknown[] = []) => ({
  type: 2,
  id: nextId++,
  tagName,
  attributes: {},
  childNodes,
  ...more,
});

describe("wellFormed", () => {
  it.each([
    ["a mutation without its data", 3, null],
    ["a size that is none", 4, { href: "https://a.example/", width: "wide", height: 600 }],
    ["a page larger than any screen", 3, { source: 4, width: 1e9, height: 600 }],
    ["a custom event without a tag", 5, { payload: 1 }],
    ["a snapshot of no document", 2, { node: element("html") }],
    ["a mouse that is nowhere", 3, { source: 1, positions: [] }],
    ["a mouse that moves at no time", 3, { source: 1, positions: [{ x: 1, y: 1, id: 1, timeOffset: "soon" }] }],
    ["a source that is compared with numbers", 3, { source: { toString: 1 } }],
    ["an interaction that no mouse has", 3, { source: 2, type: "2", id: 1 }],
    ["a font that is room for one", 3, { source: 10, buffer: true, fontSource: "2000000000" }],
  ])("puts an event that says nothing in the place of %s", (_, type, data) => {
    expect(wellFormed({ type, timestamp: 7, data })).toMatchObject({ type: CUSTOM, timestamp: 7 });
  });

  it("keeps what of a mouse's way is known, and of a mutation what can be applied", () => {
    const way = {
      source: 1,
      positions: [null, { x: 1, y: null, timeOffset: -9 }, { x: 1, y: 2, id: 3, timeOffset: 0 }],
    };
    expect(wellFormed({ type: INCREMENTAL, timestamp: 0, data: way }).data).toEqual({
      source: 1,
      positions: [{ x: 1, y: 2, id: 3, timeOffset: 0 }],
    });
    const adds = [null, { parentId: 1, node: null }, { parentId: 1, node: { type: 3, id: 9 } }];
    expect(wellFormed({ type: INCREMENTAL, timestamp: 0, data: { source: 0, adds } }).data).toEqual({
      source: 0,
      adds: [{ parentId: 1, node: { type: 3, id: 9, textContent: "" } }],
      removes: [],
      texts: [],
      attributes: [],
    });
  });

  it("leaves of a document what a DOM has in one", () => {
    const html = { ...element("html"), id: 20 };
    const doctype = { type: 1, id: 21, name: "not a name" };
    const text = { type: 3, id: 22, textContent: "beside" };
    expect(built(text, doctype, html, element("html"), { type: 1, id: 23 }, { type: 9, id: 24 })).toEqual([
      { type: 1, id: 21, name: "html", publicId: "", systemId: "" },
      html,
    ]);
  });

  it("leaves out a node whose id is taken, or that is a document in the middle of a page", () => {
    const page = element("html", {}, [
      element("p", { id: 40 }),
      element("p", { id: 40 }),
      { type: 0, id: 41 },
      { id: "x" },
    ]);
    built(page);
    expect(page.childNodes).toMatchObject([{ id: 40 }]);
  });

  it("takes from elements what a browser throws at", () => {
    const page = element("html", {}, [
      element("a b", { isCustom: true }),
      element("font-face", { isCustom: true }),
      element("x-card", { isCustom: true, isShadowHost: true }),
      element("img", { isShadowHost: true, attributes: { rr_mediaState: "played", alt: "x" } }),
      element("video", { attributes: { rr_mediaVolume: 7, rr_mediaPlaybackRate: 0, rr_mediaState: "paused" } }),
      { type: 2, id: 60, tagName: "p" },
      { type: 4, id: 61, textContent: "of XHTML" },
    ]);
    built(page);
    const [unnamed, face, card, image, video, bare, text] = page.childNodes as Record<string, unknown>[];
    expect(unnamed).toMatchObject({ tagName: "div" });
    expect([unnamed, face].some((one) => "isCustom" in (one ?? {}))).toBe(false);
    expect(card).toMatchObject({ isCustom: true, isShadowHost: true });
    expect(image).not.toHaveProperty("isShadowHost");
    expect(image).toMatchObject({ attributes: { alt: "x" } });
    expect(video).toMatchObject({ attributes: { rr_mediaState: "paused" } });
    expect(bare).toEqual({ type: 2, id: 60, tagName: "p", attributes: {}, childNodes: [] });
    expect(text).toEqual({ type: 3, id: 61, textContent: "of XHTML" });
  });
});
