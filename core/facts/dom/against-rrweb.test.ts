/** The fold against what rrweb's own player builds in Chromium from the same recordings, at moments chosen at random. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../../../test/support/chromium.ts";
import { openPlayer } from "../../../test/support/player.ts";
import { selectorOf } from "./describe.ts";
import { DomFold, type FoldEvent } from "./fold.ts";
import { type DomNode, NodeType, within } from "./node.ts";
import { toEvents } from "./snapshot.ts";
import { visibleRuns } from "./text.ts";
import { isField } from "./visible.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

const MOMENTS = 10;

function recording(name: string): FoldEvent[] {
  const file = new URL(`../../../test/recordings/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString()) as FoldEvent[];
}

/** The same numbers in each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** Places in the events after which a player can stop: nothing else happened in that millisecond, or the next. */
function moments(events: readonly FoldEvent[], next: () => number): number[] {
  const first = events.findIndex(({ type }) => type === 2);
  const stops = events.flatMap(({ timestamp }, at) =>
    at > first && (events[at + 1]?.timestamp ?? Number.POSITIVE_INFINITY) > timestamp + 1 ? [at] : [],
  );
  const chosen = new Set(Array.from({ length: MOMENTS - 1 }, () => stops[Math.floor(next() * stops.length)] as number));
  return [...chosen, events.length - 1].sort((a, b) => a - b);
}

const LEFT_OUT = new Set(["script", "style", "noscript", "textarea", "select", "iframe", "link"]);

/** The fold's own texts, as the player's are read. */
function textsOf(root: DomNode): string[] {
  const inner: DomNode[] = [];
  let text = "";
  const walk = (node: DomNode) => {
    if (node.type === NodeType.Text) text += node.text;
    if (node.shadow) inner.push(node.shadow);
    if (node.frame) inner.push(node.frame);
    if (LEFT_OUT.has(node.tag)) return;
    for (let child = node.first; child; child = child.next) walk(child);
  };
  walk(root);
  // A browser has an empty document in a frame that has not loaded.
  return [text.replace(/\s+/g, " ").trim(), ...inner.flatMap(textsOf)].filter((one) => one !== "");
}

function visibleOf(fold: DomFold): string {
  if (!fold.document) return "";
  return [...visibleRuns(fold.document)]
    .map(({ node, text }) => (isField(node) ? "" : text.replace(/\s/g, "")))
    .join("");
}

/** Of some elements, by their node ids. */
function selectors(fold: DomFold, next: () => number): Record<number, string> {
  const elements = [...within(fold.document as DomNode)].filter(
    ({ id, type, tag }) => type === NodeType.Element && fold.node(id) !== null && !LEFT_OUT.has(tag),
  );
  const chosen = Array.from({ length: 40 }, () => elements[Math.floor(next() * elements.length)] as DomNode);
  return Object.fromEntries(chosen.map((element) => [element.id, selectorOf(element, fold)]));
}

describe.each([
  ["patchwork", 1],
  ["api-explorer", 2],
  ["staff-table", 3],
  ["price-board", 4],
])("%s", (name, seed) => {
  it("is folded as the player builds it, at each moment, and from a keyframe on", async () => {
    const next = random(seed);
    const events = recording(name);
    const stops = moments(events, next);
    const middle = stops[MOMENTS >> 1] as number;
    const player = await openPlayer(browser, JSON.stringify(events));
    const fold = new DomFold();
    let keyframe: FoldEvent[] = [];
    let last: { texts: string[]; visible: string } | null = null;
    for (let at = 0, stop = stops.shift(); stop !== undefined; stop = stops.shift()) {
      for (; at <= stop; at++) fold.apply(events[at] as FoldEvent);
      if (stop === middle) keyframe = toEvents(fold);
      const asked = selectors(fold, next);
      const built = await player.at(fold.timestamp + 1, asked);
      expect(textsOf(fold.document as DomNode), `${name} after ${stop}`).toEqual(built.texts);
      expect(visibleOf(fold), `${name} after ${stop}`).toBe(built.visible);
      const lost = Object.entries(built.found).filter(([, found]) => !found);
      expect(lost.map(([id]) => asked[Number(id)])).toEqual([]);
      last = built;
    }
    await player.close();

    const rest = [...keyframe, ...events.slice(middle + 1)];
    const again = await openPlayer(browser, JSON.stringify(rest));
    const rebuilt = await again.at(fold.timestamp + 1, {});
    await again.close();
    expect(rebuilt).toMatchObject({ texts: last?.texts, visible: last?.visible });
    const refolded = new DomFold();
    for (const event of rest) refolded.apply(event);
    expect(textsOf(refolded.document as DomNode)).toEqual(textsOf(fold.document as DomNode));
  });
});
