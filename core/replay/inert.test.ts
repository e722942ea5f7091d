import { describe, expect, it } from "vitest";
import { makeInert } from "./inert.ts";

const element = (tagName: string, attributes: Record<string, unknown>, childNodes: unknown[] = []) => ({
  type: 2,
  tagName,
  attributes,
  childNodes,
});

/** The attributes that are left of an element in a full snapshot. */
function leftOf(tagName: string, attributes: Record<string, unknown>) {
  const node = element(tagName, attributes);
  makeInert({ type: 2, timestamp: 0, data: { node: { type: 0, childNodes: [element("html", {}, [node])] } } });
  return node.attributes;
}

describe("makeInert", () => {
  it.each([
    ["img", { src: "data:image/png;base64,", onerror: "alert(1)" }, { src: "data:image/png;base64," }],
    ["svg", { onLoad: "alert(1)", viewBox: "0 0 1 1" }, { viewBox: "0 0 1 1" }],
    ["a", { href: "javascript:alert(1)", class: "x" }, { class: "x" }],
    ["a", { href: " java\nscript:alert(1)" }, {}],
    [
      "a",
      { href: "https://shop.example/javascript:1", ping: "https://evil.example" },
      { href: "https://shop.example/javascript:1" },
    ],
    ["form", { action: "JavaScript:alert(1)" }, {}],
    ["meta", { "http-equiv": "refresh", content: "0;url=https://evil.example" }, {}],
    ["meta", { name: "viewport", content: "width=device-width" }, { name: "viewport", content: "width=device-width" }],
    ["base", { href: "https://evil.example/" }, {}],
    ["link", { rel: "preconnect", href: "https://evil.example" }, { rel: "preconnect" }],
    ["link", { rel: "stylesheet dns-prefetch", href: "https://evil.example" }, { rel: "stylesheet dns-prefetch" }],
    ["link", { rel: "stylesheet", href: "a.css", _cssText: "b{}" }, { rel: "stylesheet", _cssText: "b{}" }],
    ["iframe", { src: "https://evil.example", srcdoc: "<script>alert(1)</script>", title: "x" }, { title: "x" }],
    ["OBJECT", { data: "https://evil.example" }, {}],
    ["meta", { "HTTP-EQUIV": "refresh", content: "0;url=https://evil.example" }, {}],
    ["link", { REL: "preconnect", HREF: "https://evil.example" }, { REL: "preconnect" }],
    ["link", { rel: "preload", as: "image", imagesrcset: "https://evil.example 2x" }, { rel: "preload", as: "image" }],
    ["img", { attributionsrc: "https://evil.example", alt: "x" }, { alt: "x" }],
    ["a", { href: ["javascript:alert(1)"], title: { toString: "x" } }, {}],
    ["canvas", { rr_dataURL: "https://evil.example" }, {}],
    ["img", { rr_dataURL: "data:image/png;base64," }, { rr_dataURL: "data:image/png;base64," }],
    ["input", { value: "ratio 4:3", placeholder: "one" }, { value: "ratio 4:3", placeholder: "one" }],
  ])("leaves of a recorded %s what cannot act", (tag, attributes, left) => {
    expect(leftOf(tag, { ...attributes })).toEqual(left);
  });

  it.each([
    ["input", { name: "childNodes", id: "style" }, {}],
    ["input", { name: "title", id: "body" }, { name: "title", id: "body" }],
    ["img", { name: "documentElement", id: "title" }, { id: "title" }],
    ["form", { name: "title", id: "style" }, { id: "style" }],
    ["div", { name: "childNodes", id: "attributes" }, { name: "childNodes", id: "attributes" }],
  ])(
    "leaves a %s no name by which it would stand in the place of what is read of the page",
    (tag, attributes, left) => {
      expect(leftOf(tag, { ...attributes })).toEqual(left);
    },
  );

  it("looks at what a mutation adds and at what it changes", () => {
    const added = element("div", {}, [element("img", { src: "data:,", onerror: "alert(1)" })]);
    const changed = {
      href: "javascript:alert(1)",
      rel: "prefetch",
      "http-equiv": "refresh",
      "HTTP-Equiv": "refresh",
      id: "attributes",
      name: "documentElement",
      class: "open",
      style: { color: "red" },
      onclick: "x",
    };
    makeInert({
      type: 3,
      timestamp: 0,
      data: {
        source: 0,
        adds: [{ parentId: 1, nextId: null, node: added }],
        attributes: [{ id: 4, attributes: changed }],
      },
    });
    expect(added.childNodes).toEqual([element("img", { src: "data:," })]);
    expect(changed).toEqual({ class: "open", style: { color: "red" } });
  });

  it("passes over what it does not know", () => {
    for (const data of [null, undefined, {}, { source: 0 }, { source: 0, adds: null }, { node: null }]) {
      for (const type of [2, 3, 9]) expect(() => makeInert({ type, timestamp: 0, data })).not.toThrow();
    }
  });

  it("walks pages nested deeper than the stack", () => {
    let node = element("img", { onerror: "alert(1)" });
    const deepest = node;
    for (let depth = 0; depth < 50_000; depth++) node = element("div", {}, [node]);
    makeInert({ type: 2, timestamp: 0, data: { node } });
    expect(deepest.attributes).toEqual({});
  });
});
