/**
 * The fold: the page that a recording shows, at the moment of the event that was applied last. It begins at a full
 * snapshot and takes what follows event by event, as rrweb's own Replayer does, without a browser.
 *
 * The tree is kept by rrweb's node ids: elements, texts, shadow roots, documents of frames, what was typed, scrolled and
 * played, inline styles and rules of style sheets. No layout, no CSS: what a style sheet hides is there. What is drawn on
 * canvases is not kept.
 *
 * What cannot be applied is left out and counted: a recording with a gap goes on as well as it can, and one that was made
 * to do harm stays within limits.ts.
 */
import { EventType, IncrementalSource } from "#protocol/event.ts";
import { FONTS_MAX, SHEETS_MAX } from "./limits.ts";
import { Mutations } from "./mutation.ts";
import type { DomNode, NodeState } from "./node.ts";
import { idOf, isRecord, type Json, records } from "./read-node.ts";
import { RuleEdits } from "./style-sheet.ts";
import { DomTree, type LeftOut, lengthOf } from "./tree.ts";

/** An rrweb event, parsed. Its data is kept, and must not be changed after. */
export interface FoldEvent {
  type: number;
  timestamp: number;
  data?: unknown;
}

export interface FoldedPage {
  href: string;
  /** Of the viewport, px. */
  width: number;
  height: number;
}

export class DomFold {
  /** What the last Meta event said, with the viewport's size now; null before it. */
  page: FoldedPage | null = null;
  /** Of the event that was applied last, by the client's clock, ms. */
  timestamp = 0;
  /** Adopted sheets by rrweb's id. */
  readonly sheets = new Map<number, RuleEdits>();
  readonly fonts = new Map<string, Json>();
  readonly #tree = new DomTree();
  readonly #mutations = new Mutations(this.#tree);

  /** The page's document; null before the first full snapshot. */
  get document(): DomNode | null {
    return this.#tree.document;
  }

  /** Nodes that it holds. */
  get size(): number {
    return this.#tree.size;
  }

  get leftOut(): Readonly<LeftOut> {
    return this.#tree.leftOut;
  }

  /** Nodes that the last event brought, or changed in what people see, in no order; some may be gone again. */
  get touched(): readonly DomNode[] {
    return this.#tree.touched;
  }

  /** The node of that id, in whichever document; null where there is none. */
  node(id: number): DomNode | null {
    return this.#tree.get(id);
  }

  /** Whether an id or test id (anchors.ts) names one element only. */
  isUnique(anchor: string): boolean {
    return this.#tree.isUnique(anchor);
  }

  /** Takes the next event. Any event may be given; those that change no page do nothing. */
  apply(event: FoldEvent): void {
    this.#tree.begin();
    this.timestamp = event.timestamp;
    const { data } = event;
    if (!isRecord(data)) return;
    if (event.type === EventType.IncrementalSnapshot) this.#increment(data);
    else if (event.type === EventType.FullSnapshot) this.#start(data);
    else if (event.type === EventType.Meta && typeof data.href === "string") {
      this.page = { href: data.href, width: numberOr(data.width, 0), height: numberOr(data.height, 0) };
    }
  }

  #start(data: Json): void {
    this.#mutations.clear();
    this.sheets.clear();
    this.fonts.clear();
    this.#tree.start(isRecord(data.node) ? data.node : null);
    const { top, left } = isRecord(data.initialOffset) ? data.initialOffset : {};
    if (this.document && (top || left)) {
      stateOf(this.document).scroll = { x: numberOr(left, 0), y: numberOr(top, 0) };
    }
  }

  #increment(data: Json): void {
    const { source } = data;
    if (source === IncrementalSource.Mutation) this.#mutations.apply(data);
    else if (source === IncrementalSource.StyleSheetRule || source === IncrementalSource.StyleDeclaration)
      this.#changeRules(data);
    else if (source === IncrementalSource.AdoptedStyleSheet) this.#adopt(data);
    else if (source === IncrementalSource.ViewportResize) this.#resize(data);
    else if (source === IncrementalSource.Font) this.#keepFont(data);
    else if (
      source === IncrementalSource.Scroll ||
      source === IncrementalSource.Input ||
      source === IncrementalSource.MediaInteraction
    ) {
      const node = this.#tree.known(data.id);
      if (node) this.#use(node, data);
    }
  }

  /** What people do with a node. */
  #use(node: DomNode, data: Json): void {
    const state = stateOf(node);
    if (data.source === IncrementalSource.Scroll) state.scroll = { x: numberOr(data.x, 0), y: numberOr(data.y, 0) };
    else if (data.source === IncrementalSource.MediaInteraction)
      state.media = played(state.media, data, this.timestamp);
    else {
      const text = typeof data.text === "string" ? data.text : "";
      if (!this.#tree.holds(text.length - (state.input?.text.length ?? 0))) return;
      state.input = { text, isChecked: data.isChecked === true };
      this.#tree.touch(node);
    }
  }

  #resize({ width, height }: Json): void {
    if (!this.page) return;
    this.page = {
      ...this.page,
      width: numberOr(width, this.page.width),
      height: numberOr(height, this.page.height),
    };
  }

  #keepFont(data: Json): void {
    const key = JSON.stringify([data.family, data.descriptors]);
    if (this.fonts.has(key)) return;
    if (this.fonts.size >= FONTS_MAX) this.#tree.leftOut.excess++;
    else if (this.#tree.holds(lengthOf(data.fontSource))) this.fonts.set(key, data);
  }

  #changeRules(data: Json): void {
    const styleId = idOf(data.styleId);
    if (styleId !== null) {
      const sheet = this.sheets.get(styleId);
      if (sheet) this.#tree.editRules(sheet, data);
      return;
    }
    const owner = this.#tree.known(data.id);
    if (!owner) return;
    const state = stateOf(owner);
    state.rules ??= new RuleEdits();
    this.#tree.editRules(state.rules, data);
  }

  #adopt(data: Json): void {
    const host = this.#tree.known(data.id);
    if (!host) return;
    for (const { styleId, rules } of records(data.styles)) {
      const id = idOf(styleId);
      if (id === null) continue;
      const before = this.sheets.get(id);
      if (!before && this.sheets.size >= SHEETS_MAX) {
        this.#tree.leftOut.excess++;
        continue;
      }
      if (before) this.#tree.holds(-before.chars);
      const sheet = new RuleEdits();
      this.sheets.set(id, sheet);
      this.#tree.editRules(sheet, { adds: rules });
    }
    const ids = Array.isArray(data.styleIds) ? data.styleIds.map(idOf).filter((id) => id !== null) : [];
    stateOf(host).adopted = ids.slice(0, SHEETS_MAX);
  }
}

/** 0 is play, 1 pause; the others (seeked, volume, rate) change neither (rrweb's `MediaInteractions`). */
function played(before: NodeState["media"], data: Json, at: number): NonNullable<NodeState["media"]> {
  const paused = data.type === 0 ? false : data.type === 1 ? true : (before?.paused ?? true);
  const numbers = (["currentTime", "volume", "playbackRate"] as const).filter((name) => typeof data[name] === "number");
  const flags = (["muted", "loop"] as const).filter((name) => typeof data[name] === "boolean");
  return { ...before, ...Object.fromEntries([...numbers, ...flags].map((name) => [name, data[name]])), paused, at };
}

function stateOf(node: DomNode): NodeState {
  node.state ??= {};
  return node.state;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}
