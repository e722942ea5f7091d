import fc from "fast-check";
import { expect, describe as group, it } from "vitest";
import { controlOf, describe } from "./describe.ts";
import { DomFold, type FoldEvent } from "./fold.ts";
import { DEPTH_MAX, NODES_MAX } from "./limits.ts";
import { type DomNode, within } from "./node.ts";
import { toEvents, toFullSnapshot } from "./snapshot.ts";
import { runAround, textContent, visibleText } from "./text.ts";

let ids = 100;
const text = (textContent: string, id = ++ids) => ({ type: 3, textContent, id });
const element = (tagName: string, attributes: object = {}, ...childNodes: object[]) => ({
  type: 2,
  tagName,
  attributes,
  childNodes,
  id: ++ids,
});
const identified = (id: number, node: object) => ({ ...node, id });
const event = (type: number, data: unknown): FoldEvent => ({ type, data, timestamp: ++ids });
const page = (...body: object[]) =>
  event(2, {
    node: {
      type: 0,
      id: 1,
      childNodes: [
        { type: 1, name: "html", publicId: "", systemId: "", id: 2 },
        {
          ...element("html", {}, element("head", {}, element("title", {}, text("Title"))), {
            ...element("body", {}, ...body),
            id: 4,
          }),
          id: 3,
        },
      ],
    },
    initialOffset: { top: 0, left: 0 },
  });
const mutation = (changes: object) =>
  event(3, { source: 0, adds: [], removes: [], texts: [], attributes: [], ...changes });
const add = (parentId: number, node: object, nextId: number | null = null) => ({ parentId, nextId, node });

function folded(...events: FoldEvent[]): DomFold {
  const fold = new DomFold();
  for (const one of events) fold.apply(one);
  return fold;
}
const visible = (fold: DomFold) => visibleText(fold.document as DomNode);
const bodyText = (fold: DomFold) => textContent(fold.node(4) as DomNode);

group("mutations", () => {
  it("take adds whose parent or next sibling comes later in the same event, and count what never comes", () => {
    const fold = folded(
      page(),
      mutation({
        adds: [
          add(11, text("2", 12)),
          add(11, text("1", 13), 12),
          add(4, identified(11, element("p"))),
          add(4, identified(10, element("p", {})), 11),
          add(10, text("0")),
          add(77, text("of a node that is nowhere")),
        ],
      }),
    );
    expect(bodyText(fold)).toBe("012");
    expect(fold.leftOut).toEqual({ missing: 1, excess: 0 });
  });

  it("forget a removed subtree, shadow trees and frames in it included", () => {
    const inside = { ...element("i", {}, text("in the shadow", 21)), isShadow: true };
    const fold = folded(
      page(identified(20, { ...element("div", {}, inside, identified(22, element("iframe"))), isShadowHost: true })),
      mutation({ adds: [add(22, { type: 0, id: 23, childNodes: [text("x", 24)] })], isAttachIframe: true }),
    );
    const before = fold.size;
    fold.apply(mutation({ removes: [{ parentId: 4, id: 20 }] }));
    expect(fold.size).toBeLessThan(before - 4);
    expect([20, 21, 22, 23].map((id) => fold.node(id))).toEqual([null, null, null, null]);
  });

  it("place nodes of old recorders, which say that a sibling is missing, when it comes", () => {
    const fold = folded(
      page(),
      mutation({ adds: [{ ...add(4, text("b", 31)), previousId: 30, nextId: -1 }] }),
      mutation({ adds: [{ ...add(4, text("a", 30)), previousId: null, nextId: 31 }] }),
    );
    expect(bodyText(fold)).toBe("ab");
  });

  it("never take the page itself away", () => {
    const fold = folded(page(text("here")), mutation({ removes: [{ parentId: 4, id: 1 }] }));
    expect(visible(fold)).toBe("here");
  });

  it("count a node that becomes the page's root in the place of the one that it was in", () => {
    const inner = identified(50, element("section", {}, text("in it")));
    const fold = folded(page(inner), mutation({ adds: [add(1, { ...inner, childNodes: [] })] }));
    expect([fold.size, textContent(fold.document as DomNode)]).toEqual([4, "in it"]);
  });

  it("keep a document for a frame that comes after it", () => {
    const document = { type: 0, id: 41, childNodes: [identified(42, element("html", {}, text("framed")))] };
    const fold = folded(
      page(),
      mutation({ adds: [add(40, document)] }),
      mutation({ adds: [add(4, identified(40, element("iframe")))] }),
    );
    expect(visible(fold)).toBe("framed");
  });

  it("fold single style properties into the style that was there", () => {
    const style = (changes: object) => mutation({ attributes: [{ id: 50, attributes: { style: changes } }] });
    const given = 'margin: 1px; background: url("a;b:c"); color: red';
    const fold = folded(
      page(identified(50, element("p", { style: given }, text("shown")))),
      style({ display: "none", color: ["blue", "important"], "margin-left": false }),
    );
    const styleNow = () => fold.node(50)?.attribute("style");
    expect(styleNow()).toBe(
      'margin: 1px; background: url("a;b:c"); display: none; color: blue !important; margin-left: revert-layer;',
    );
    expect(visible(fold)).toBe("");
    fold.apply(style({ display: false }));
    expect(fold.touched.map(({ id }) => id)).toEqual([50]);
    expect(visible(fold)).toBe("shown");
  });
});

group("visible text", () => {
  it("is what no tag, attribute or inline style hides, a block a line, with what fields show", () => {
    const fold = folded(
      page(
        element("p", {}, text(" Card\n "), element("b", {}, text("declined")), text(".")),
        element("script", {}, text("script")),
        element("noscript", {}, text("noscript")),
        element("template", {}, text("template")),
        element("p", { hidden: true }, text("hidden")),
        element("p", { style: "color:red;DISPLAY : none" }, text("styled away")),
        element("dialog", {}, text("closed")),
        element("details", {}, element("summary", {}, text("More")), text("folded")),
        element("input", { value: "typed" }),
        element("input", { type: "checkbox", value: "on" }),
        element("input", { placeholder: "Your name" }),
        element("textarea", { value: "written" }, text("before")),
        element(
          "select",
          { value: "2" },
          element("option", { value: "1" }, text("One")),
          element("option", { value: "2" }, text("Two")),
        ),
        { ...element("x-card", {}, { ...element("i", {}, text("shadow")), isShadow: true }), isShadowHost: true },
      ),
    );
    expect(visible(fold).split("\n")).toEqual([
      "Card declined.",
      "More",
      "typed",
      "Your name",
      "written",
      "Two",
      "shadow",
    ]);
  });

  it("of a run is found from any text in it", () => {
    const fold = folded(
      page(
        element(
          "div",
          {},
          element("p", {}, text("above")),
          text("Card "),
          element("b", {}, text("decl", 60), element("i", {}, text("ined"))),
          element("br"),
          text("below"),
        ),
      ),
    );
    expect(runAround(fold.node(60) as DomNode, 100)?.text).toBe("Card declined");
  });

  it("around a node is read up to where it is enough: each node that is passed is asked for", () => {
    const many = () => Array.from({ length: 300 }, () => text(""));
    const fold = folded(page(element("p", {}, ...many(), text("here", 60), ...many(), text(" far"))));
    let passed = 0;
    expect(runAround(fold.node(60) as DomNode, 100, () => ++passed > 1_000)?.text).toBe("here far");
    expect(passed).toBeGreaterThan(600);
    passed = 0;
    expect(runAround(fold.node(60) as DomNode, 100, () => ++passed > 310)?.text).toBe("here");
  });
});

group("a description", () => {
  it("is of the control around a node: what it is, says, and how it is found", () => {
    const fold = folded(
      page(
        element(
          "form",
          { id: "pay" },
          element(
            "button",
            { class: "btn is-active", type: "submit" },
            element("svg"),
            identified(70, element("b", {}, text("Pay  now"))),
          ),
          element("button", {}, text("Back")),
        ),
      ),
    );
    expect(describe(controlOf(fold.node(70) as DomNode), fold)).toEqual({
      tag: "button",
      selector: "#pay > button.btn",
      text: "Pay now",
      role: "button",
      name: "",
    });
  });

  it("says what comes early in a control, and looks through no more of one that says nothing", () => {
    const said = (empty: number) => {
      const nothing = Array.from({ length: empty }, () => text(""));
      const fold = folded(page(identified(60, element("button", {}, ...nothing, text("Pay")))));
      return describe(fold.node(60) as DomNode, fold).text;
    };
    expect([said(4_000), said(6_000)]).toEqual(["Pay", ""]);
  });
});

group("a snapshot of the folded page", () => {
  it("is the one that was folded, where nothing happened since", () => {
    const full = page(element("svg", {}, { ...element("g"), isSVG: true }), element("p", { class: "x" }, text("a")));
    expect(toFullSnapshot(folded(full))).toEqual(full.data);
  });

  it("has what people and scripts did, in the page and beside it", () => {
    const fold = folded(
      page(
        identified(80, element("input", { type: "checkbox" })),
        identified(81, element("div")),
        identified(82, element("style", { _cssText: "a{} b{}" })),
      ),
      event(3, { source: 5, id: 80, text: "on", isChecked: true }),
      event(3, { source: 3, id: 81, x: 0, y: 120 }),
      event(3, {
        source: 8,
        id: 82,
        adds: [
          { rule: "i{}", index: 1 },
          { rule: "u{}", index: 3 },
        ],
      }),
      event(3, { source: 8, id: 82, removes: [{ index: 0 }, { index: 2 }] }),
    );
    const [, full, ...rest] = toEvents(fold);
    expect(JSON.stringify(full?.data)).toContain('"attributes":{"type":"checkbox","value":"on","checked":true}');
    expect(JSON.stringify(full?.data)).toContain('"rr_scrollTop":120');
    expect(rest.map(({ data }) => data)).toEqual([
      { source: 8, id: 82, removes: [{ index: 0 }] },
      { source: 8, id: 82, adds: [{ rule: "i{}", index: 0 }] },
    ]);
  });
});

/** Whatever a recording says, in few ids, so that it is often about the same nodes. */
const id = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(-1, 0, null, 2 ** 53, "5"));
const { node: anyNode } = fc.letrec((tie) => ({
  node: fc.record({
    type: fc.integer({ min: -1, max: 6 }),
    id,
    rootId: fc.option(id, { nil: undefined }),
    tagName: fc.constantFrom("div", "iframe", "textarea", "style", "select", "html", "__proto__", 7),
    attributes: fc.oneof(
      fc.constant(null),
      fc.dictionary(fc.constantFrom("id", "style", "__proto__", "value"), fc.jsonValue()),
    ),
    textContent: fc.constantFrom("a", "", null),
    isShadow: fc.boolean(),
    childNodes: fc.oneof(fc.constant("none"), fc.array(tie("node"), { maxLength: 3 })),
  }),
}));
const anyEvent: fc.Arbitrary<FoldEvent> = fc.record({
  type: fc.constantFrom(2, 3, 3, 3, 3, 4, 5),
  timestamp: fc.nat(),
  data: fc.oneof(
    { weight: 1, arbitrary: fc.jsonValue() },
    {
      weight: 9,
      arbitrary: fc.record({
        source: fc.constantFrom(0, 0, 0, 0, 3, 4, 5, 7, 8, 10, 13, 15),
        id,
        node: anyNode,
        text: fc.string(),
        adds: fc.array(
          fc.record({ parentId: id, nextId: id, previousId: fc.option(id, { nil: undefined }), node: anyNode }),
          { maxLength: 5 },
        ),
        removes: fc.array(fc.record({ parentId: id, id, index: fc.nat(9) }), { maxLength: 3 }),
        texts: fc.array(fc.record({ id, value: fc.constantFrom("new", null, 3) }), { maxLength: 2 }),
        attributes: fc.array(
          fc.record({
            id,
            attributes: fc.dictionary(
              fc.constantFrom("style", "id", "value", "__proto__"),
              fc.oneof(
                fc.constantFrom("x", null),
                fc.dictionary(
                  fc.constantFrom("display", "margin-left"),
                  fc.constantFrom("none", false, ["1px", "important"]),
                ),
              ),
            ),
          }),
          { maxLength: 2 },
        ),
        styles: fc.array(fc.record({ styleId: id, rules: fc.jsonValue() }), { maxLength: 2 }),
        styleIds: fc.array(id, { maxLength: 3 }),
      }),
    },
  ),
});

group("whatever is in a recording", () => {
  it("leaves a sound tree: each node once, none in itself, as many as are counted, none found that is not there", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        const fold = folded(page(identified(5, element("div", {}, identified(6, element("iframe"))))), ...events);
        const seen = new Set<DomNode>();
        if (fold.document)
          for (const node of within(fold.document)) {
            expect(seen.has(node)).toBe(false);
            seen.add(node);
            expect(node.depth).toBeLessThanOrEqual(DEPTH_MAX);
          }
        expect(seen.size).toBeLessThanOrEqual(fold.size);
        visible(fold.document ? fold : folded(page()));
        const again = folded(...toEvents(fold));
        expect(again.document ? visible(again) : "").toBe(fold.document ? visible(fold) : "");
      }),
      { numRuns: 150 },
    );
  });

  it("is bounded: a page a hundred thousand deep, and one of more nodes than any page has", () => {
    let deep: object = text("at the bottom");
    for (let level = 0; level < 100_000; level++) deep = { ...element("div"), childNodes: [deep] };
    const fold = folded(page(deep));
    expect(fold.size).toBeLessThanOrEqual(DEPTH_MAX + 10);
    expect(fold.leftOut.excess).toBe(1);
    expect(JSON.stringify(toFullSnapshot(fold)).length).toBeGreaterThan(DEPTH_MAX);

    const wide = folded(page(), mutation({ adds: Array.from({ length: NODES_MAX + 1_000 }, () => add(4, text("x"))) }));
    expect(wide.size).toBe(NODES_MAX);
    expect(visible(wide)).toHaveLength(NODES_MAX - 7);
  });

  it("takes attributes and names that are no text, nor can be made one", () => {
    const odd = { toString: 1, valueOf: 1 };
    const field = identified(5, element("input", { type: odd, value: odd, placeholder: "typed" }));
    const fold = folded(
      page(field),
      mutation({ adds: [add(4, identified(5, { ...element("input"), tagName: odd }))] }),
      mutation({ attributes: [{ id: 5, attributes: { role: odd, style: { color: odd } } }] }),
    );
    expect(visible(fold)).toContain("typed");
    expect(describe(fold.node(5) as DomNode, fold)).toMatchObject({ tag: "input" });
  });

  it("takes any number of adds that wait for one parent", () => {
    const waiting = Array.from({ length: 150_000 }, (_, i) => add(999, text("y", 1_000_000 + i)));
    const parent = add(4, element("div", {}));
    (parent.node as { id: number }).id = 999;
    const fold = folded(page(), mutation({ adds: [...waiting, parent] }));
    expect(bodyText(fold)).toHaveLength(150_000);
  });

  it("looks at no more of a style than a page has, however often an attribute changes beside it", () => {
    const styled = identified(5, element("p", { style: "display ".repeat(125_000) }, text("shown")));
    const names = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`data-${i}`, "x"]));
    const fold = folded(page(styled), mutation({ attributes: [{ id: 5, attributes: names }] }));
    expect(bodyText(fold)).toBe("shown");
  });

  it("takes as long as it is, in whatever order siblings come", () => {
    const parts = Array.from({ length: 100_000 }, (_, i) =>
      add(4, text("y", 1_000_000 + i), i === 0 ? null : 1_000_000 + i - 1),
    );
    expect(bodyText(folded(page(), mutation({ adds: parts.toReversed() })))).toHaveLength(100_000);
  });
});
