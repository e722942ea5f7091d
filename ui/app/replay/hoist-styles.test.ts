import { describe, expect, it } from "vitest";
import { hoistStyles } from "./hoist-styles.ts";

const link = (id: number, attributes: Record<string, unknown> = { rel: "stylesheet" }) => ({
  type: 2,
  id,
  tagName: "link",
  attributes,
  childNodes: [],
});
const page = (timestamp: number, ...nodes: unknown[]) => ({
  type: 2,
  timestamp,
  data: { node: { type: 0, id: 1, childNodes: nodes } },
});
const sheetArrives = (timestamp: number, id: number, text = "b{}") => ({
  type: 3,
  timestamp,
  data: { source: 0, adds: [], attributes: [{ id, attributes: { _cssText: text } as Record<string, unknown> }] },
});

describe("hoistStyles", () => {
  it("gives a snapshot the stylesheet that was still on its way, and not twice", () => {
    const sheet = link(10);
    const arrives = sheetArrives(220, 10);
    hoistStyles([page(0, sheet), arrives]);
    expect(sheet.attributes).toEqual({ rel: "stylesheet", _cssText: "b{}" });
    expect(arrives.data.attributes[0]?.attributes).toEqual({});
  });

  it("does the same for a link that was added later", () => {
    const sheet = link(40);
    hoistStyles([
      page(0),
      { type: 3, timestamp: 100, data: { source: 0, adds: [{ parentId: 1, nextId: null, node: sheet }] } },
      sheetArrives(300, 40),
    ]);
    expect(sheet.attributes).toHaveProperty("_cssText", "b{}");
  });

  it("keeps a sheet that came so late that the visitor saw it come", () => {
    const sheet = link(10);
    hoistStyles([page(0, sheet), sheetArrives(9_000, 10)]);
    expect(sheet.attributes).not.toHaveProperty("_cssText");
  });

  it("does not mistake a node of the next page for one of the page before", () => {
    const sheet = link(10);
    hoistStyles([page(0, sheet), page(100, link(11)), sheetArrives(200, 10)]);
    expect(sheet.attributes).not.toHaveProperty("_cssText");
  });

  it("passes over what it does not know", () => {
    for (const data of [null, undefined, {}, { source: 0 }, { source: 0, adds: [null] }, { node: null }]) {
      for (const type of [2, 3, 9]) expect(() => hoistStyles([{ type, timestamp: 0, data }])).not.toThrow();
    }
  });

  it("leaves sheets alone that were there", () => {
    const sheet = link(10, { rel: "stylesheet", _cssText: "i{}" });
    hoistStyles([page(0, sheet), sheetArrives(200, 10)]);
    expect(sheet.attributes._cssText).toBe("i{}");
  });
});
