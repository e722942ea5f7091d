/**
 * The folded tree: its nodes by rrweb's ids, and every way in which it changes. It holds the limits (limits.ts): what is
 * beyond them, or what no DOM would take, is refused and counted.
 */
import { anchorsOf, isAnchor } from "./anchors.ts";
import { InlineStyle } from "./inline-style.ts";
import { ATTRIBUTES_MAX, CHARS_MAX, DEPTH_MAX, MOVES_MAX, NODES_MAX, WAITING_MAX } from "./limits.ts";
import { type Attributes, DomNode, insert, NO_ATTRIBUTES, NodeType, remove, within } from "./node.ts";
import { idOf, isRecord, isSame, type Json, readNode, records } from "./read-node.ts";
import type { RuleEdits } from "./style-sheet.ts";
import { hidesItself } from "./visible.ts";

/** What was left out so far. */
export interface LeftOut {
  /** References to nodes that are not there. */
  missing: number;
  /** What is beyond the limits, or what no DOM would take. */
  excess: number;
}

export class DomTree {
  /** The page's; null before the first full snapshot. */
  document: DomNode | null = null;
  /** Nodes that the last event brought or changed in what people see, in no order. Those that are gone may be among them. */
  touched: DomNode[] = [];
  readonly leftOut: LeftOut = { missing: 0, excess: 0 };

  readonly #nodes = new Map<number, DomNode>();
  /** How many elements have an id, or a test id: what is there once names its element. */
  readonly #anchors = new Map<string, number>();
  /** Documents whose frame is not there yet, by its id. */
  readonly #documents = new Map<number, DomNode>();
  #count = 0;
  #chars = 0;
  #event = 0;
  #moves = 0;

  /** Nodes that it holds. */
  get size(): number {
    return this.#count;
  }

  get(id: number): DomNode | null {
    return this.#nodes.get(id) ?? null;
  }

  /** The node that an event refers to; where it is not there, that is counted. */
  known(id: unknown): DomNode | null {
    const node = typeof id === "number" ? this.#nodes.get(id) : undefined;
    if (!node) this.leftOut.missing++;
    return node ?? null;
  }

  /** Whether an id or test id (anchors.ts) names one element only. */
  isUnique(anchor: string): boolean {
    return this.#anchors.get(anchor) === 1;
  }

  /** Another event begins. */
  begin(): void {
    this.#event++;
    this.#moves = 0;
    if (this.touched.length > 0) this.touched = [];
  }

  /** A full snapshot: nothing that was before is left. */
  start(serialized: Json | null): void {
    this.#nodes.clear();
    this.#anchors.clear();
    this.#documents.clear();
    this.#count = 0;
    this.#chars = 0;
    this.document = serialized && this.build(serialized, 0);
  }

  /** A node and all in it, as in a full snapshot. @returns its root, without a place */
  build(serialized: Json, depth: number): DomNode | null {
    const root = this.make(serialized);
    if (!root) return null;
    root.depth = depth;
    this.touch(root);
    const open = [{ parent: root, children: records(serialized.childNodes), at: 0 }];
    for (let level = open.at(-1); level; level = open.at(-1)) {
      const child = level.children[level.at++];
      if (!child) {
        open.pop();
        continue;
      }
      const { parent } = level;
      const home = child.isShadow === true && parent.type === NodeType.Element ? this.shadowOf(parent) : parent;
      const node = home && this.make(child);
      if (!home || !node) continue;
      const isNew = node.depth === UNPLACED;
      const isFilled = node.tag === "textarea" && typeof node.attributes.value === "string";
      if (this.place(home, node, null) && isNew && !isFilled) {
        open.push({ parent: node, children: records(child.childNodes), at: 0 });
      }
    }
    return root;
  }

  /** @returns the node that stands for it, a new one without a place, or the one that is known; null where there is none */
  make(serialized: Json): DomNode | null {
    const known = this.#nodes.get(idOf(serialized.id) ?? 0);
    if (known && isSame(known, serialized)) return known;
    const node = readNode(serialized);
    if (!node) return null;
    const chars = charsOf(node);
    if (this.#count >= NODES_MAX || this.#chars + chars > CHARS_MAX) {
      this.leftOut.excess++;
      return null;
    }
    node.depth = UNPLACED;
    this.#count++;
    this.#chars += chars;
    this.#nodes.set(node.id, node);
    this.#countAnchors(node, 1);
    return node;
  }

  place(parent: DomNode, node: DomNode, before: DomNode | null): boolean {
    const isNew = node.depth === UNPLACED;
    if (!mayHold(parent, node) || !this.#mayMove(node, parent)) {
      this.leftOut.excess++;
      if (isNew) this.drop(node);
      return false;
    }
    const place = before === node ? node.next : before;
    remove(node);
    insert(parent, node, place);
    this.touch(node);
    this.#attachWaiting(node);
    return true;
  }

  /** A node goes with all in it: not into itself, and not deeper than anything may be. Sets the depths if it may. */
  #mayMove(node: DomNode, parent: DomNode): boolean {
    const depth = parent.depth + 1;
    if (depth > DEPTH_MAX || node === parent) return false;
    if (node.first || node.shadow || node.frame) {
      for (let at: DomNode | null = parent; at; at = at.parent) if (at === node) return false;
      const deeper = depth - node.depth;
      if (deeper !== 0) {
        const moving = [...within(node)];
        this.#moves += moving.length;
        if (this.#moves > MOVES_MAX || moving.some((one) => one.depth + deeper > DEPTH_MAX)) return false;
        for (const one of moving) one.depth += deeper;
      }
    }
    node.depth = depth;
    return true;
  }

  shadowOf(host: DomNode): DomNode | null {
    if (host.type !== NodeType.Element) return host;
    if (host.shadow) return host.shadow;
    if (this.#count >= NODES_MAX) {
      this.leftOut.excess++;
      return null;
    }
    const root = new DomNode(0, NodeType.ShadowRoot, "", NO_ATTRIBUTES, "");
    root.depth = host.depth;
    this.#count++;
    insert(host, root, null);
    return root;
  }

  /** A frame's document comes as a whole, and in the place of the one before. */
  attach(frame: DomNode, serialized: Json): void {
    const document = this.#buildAnew(serialized, frame.depth + 1);
    if (document) this.#enter(frame, document);
  }

  /** A document that comes before its frame. */
  keepWaiting(frameId: number, serialized: Json): void {
    const rival = this.#documents.get(frameId);
    if (rival) this.drop(rival);
    const document = this.#documents.size < WAITING_MAX ? this.#buildAnew(serialized, 1) : null;
    if (document) this.#documents.set(frameId, document);
    else this.leftOut.excess++;
  }

  #attachWaiting(node: DomNode): void {
    if (this.#documents.size === 0 || !isFrame(node)) return;
    const document = this.#documents.get(node.id);
    this.#documents.delete(node.id);
    if (document && this.#nodes.get(document.id) === document) this.#enter(node, document);
  }

  #enter(frame: DomNode, document: DomNode): void {
    if (frame.frame) this.drop(frame.frame);
    if (this.#mayMove(document, frame)) insert(frame, document, null);
    else this.drop(document);
  }

  /** What comes again as a whole is not what it was. */
  #buildAnew(serialized: Json, depth: number): DomNode | null {
    const known = this.#nodes.get(idOf(serialized.id) ?? 0);
    if (known === this.document) return null;
    if (known) this.drop(known);
    return this.build(serialized, depth);
  }

  /** Takes a node out, and forgets all in it. */
  drop(node: DomNode): void {
    // Its document is the page.
    if (node === this.document) return;
    const parent = node.parent;
    remove(node);
    for (const gone of within(node)) {
      this.#count--;
      this.#chars -= charsOf(gone) + (gone.style?.chars ?? 0);
      this.#chars -= (gone.state?.input?.text.length ?? 0) + (gone.state?.rules?.chars ?? 0);
      if (this.#nodes.get(gone.id) === gone) this.#nodes.delete(gone.id);
      this.#countAnchors(gone, -1);
    }
    if (parent) this.forgetRules(parent);
  }

  setText(node: DomNode, text: string): void {
    if (node.type === NodeType.Element || node.type === NodeType.Document) return;
    if (!this.holds(text.length - node.text.length)) return;
    node.text = text;
    this.touch(node);
    if (node.parent) this.forgetRules(node.parent);
  }

  setAttributes(node: DomNode, changes: Json): void {
    if (node.type !== NodeType.Element) return;
    for (const name in changes) {
      const value = changes[name];
      const mayHide = HIDING.has(name);
      const wasHidden = mayHide && hidesItself(node);
      if (name === "style" && isRecord(value)) this.#setStyle(node, value);
      else if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        this.setAttribute(node, name, value);
        if (name === "_cssText") this.forgetRules(node);
        if (name === "value" && node.tag === "textarea") {
          for (let child = node.first; child; child = node.first) this.drop(child);
        }
      }
      if (SHOWN.has(name) || (wasHidden && !hidesItself(node))) this.touch(node);
    }
  }

  #setStyle(node: DomNode, changes: Json): void {
    let most = 0;
    for (const property in changes) most += property.length + lengthOf(changes[property]);
    if (!this.holds(most)) return;
    const before = node.style?.chars ?? 0;
    node.style ??= new InlineStyle(node.attribute("style") ?? "");
    for (const property in changes) node.style.apply(property, changes[property]);
    this.#chars += node.style.chars - before - most;
  }

  setAttribute(node: DomNode, name: string, value: Attributes[string]): void {
    if (name === "style" && node.style) {
      this.#chars -= node.style.chars;
      node.style = null;
    }
    const before = Object.hasOwn(node.attributes, name) ? (node.attributes[name] ?? null) : null;
    const [now, then] = [value, before].map((one) => (one === null ? 0 : name.length + lengthOf(one))) as [
      number,
      number,
    ];
    if (!this.holds(now - then)) return;
    if (!node.ownsAttributes) {
      // Without a prototype, for a page names its attributes as it likes.
      node.attributes = Object.assign(Object.create(null) as Attributes, node.attributes);
      node.ownsAttributes = true;
    }
    const own = node.attributes as Attributes;
    const isNamed = isAnchor(name);
    if (isNamed) this.#countAnchors(node, -1);
    if (value === null) delete own[name];
    else if (before !== null || countOf(own) < ATTRIBUTES_MAX) own[name] = value;
    else {
      this.#chars -= now;
      this.leftOut.excess++;
    }
    if (isNamed) this.#countAnchors(node, 1);
  }

  /** A style sheet's rules are those of its text. */
  forgetRules(owner: DomNode): void {
    if (!owner.state?.rules) return;
    this.#chars -= owner.state.rules.chars;
    delete owner.state.rules;
  }

  holds(growth: number): boolean {
    if (growth > 0 && this.#chars + growth > CHARS_MAX) {
      this.leftOut.excess++;
      return false;
    }
    this.#chars += growth;
    return true;
  }

  touch(node: DomNode): void {
    if (node.touchedIn === this.#event) return;
    node.touchedIn = this.#event;
    this.touched.push(node);
  }

  #countAnchors(node: DomNode, by: 1 | -1): void {
    if (node.type !== NodeType.Element) return;
    for (const anchor of anchorsOf(node)) {
      const count = (this.#anchors.get(anchor) ?? 0) + by;
      if (count > 0) this.#anchors.set(anchor, count);
      else this.#anchors.delete(anchor);
    }
  }

  editRules(sheet: RuleEdits, data: Json): void {
    if (this.#chars >= CHARS_MAX) {
      this.leftOut.excess++;
      return;
    }
    const before = sheet.chars;
    if (!sheet.apply(data)) this.leftOut.excess++;
    this.#chars += sheet.chars - before;
  }
}

/** Attributes that people see as text. */
const SHOWN = new Set(["value", "placeholder"]);
/** Attributes by which an element hides itself. */
const HIDING = new Set(["style", "hidden", "open"]);

/** Depth of a node that has no place yet. */
const UNPLACED = -1;

export function isFrame({ tag }: DomNode): boolean {
  return tag === "iframe" || tag === "frame";
}

const HOLDERS = new Set<number>([NodeType.Document, NodeType.Element, NodeType.ShadowRoot]);

/** Beside its element and its type a document has comments: few, or each that comes would be counted with all others. */
const OF_DOCUMENT_MAX = 100;

/** What the DOM would not take. */
function mayHold(parent: DomNode, node: DomNode): boolean {
  if (node.type === NodeType.Document) return false;
  if (parent.type !== NodeType.Document) return node.type !== NodeType.DocumentType && HOLDERS.has(parent.type);
  const isComment = node.type === NodeType.Comment;
  if (!isComment && node.type !== NodeType.Element && node.type !== NodeType.DocumentType) return false;
  let others = 0;
  for (let child = parent.first; child; child = child.next) {
    if (child !== node && (++others >= OF_DOCUMENT_MAX || (!isComment && child.type === node.type))) return false;
  }
  return true;
}

function charsOf(node: DomNode): number {
  let chars = node.text.length;
  for (const name in node.attributes) {
    const value = node.attributes[name] ?? null;
    if (value !== null) chars += name.length + lengthOf(value);
  }
  return chars;
}

/** Of what takes room: a text, or the text in a value with its priority. */
export function lengthOf(value: unknown): number {
  const text = Array.isArray(value) ? value[0] : value;
  return typeof text === "string" ? text.length : 4;
}

function countOf(attributes: Attributes): number {
  let count = 0;
  for (const _ in attributes) count++;
  return count;
}
