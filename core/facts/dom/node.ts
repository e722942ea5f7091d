/** A node of the folded tree. Links instead of arrays, so that an insertion among thousands of siblings costs nothing. */
import type { InlineStyle } from "./inline-style.ts";
import type { RuleEdits } from "./style-sheet.ts";

/** rrweb-snapshot's `NodeType`, and a shadow root, which rrweb has no node for. */
export const NodeType = {
  Document: 0,
  DocumentType: 1,
  Element: 2,
  Text: 3,
  CDATA: 4,
  Comment: 5,
  ShadowRoot: 6,
} as const;
export type NodeType = (typeof NodeType)[keyof typeof NodeType];

export type AttributeValue = string | number | boolean | null;
export type Attributes = Record<string, AttributeValue>;

/** What few nodes have. Times are the client's, ms. */
export interface NodeState {
  input?: { text: string; isChecked: boolean };
  scroll?: { x: number; y: number };
  media?: {
    paused: boolean;
    at: number;
    currentTime?: number;
    volume?: number;
    muted?: boolean;
    loop?: boolean;
    playbackRate?: number;
  };
  /** What was done to the rules of a style element's sheet after its text was set. */
  rules?: RuleEdits;
  /** Sheets that a document or shadow host has adopted, in their order. */
  adopted?: number[];
}

/** What a snapshot says of a node beside its children, and few nodes have. */
export interface NodeMarks {
  isSVG?: true;
  isCustom?: true;
  needBlock?: boolean;
  isStyle?: true;
  rootId?: number;
  /** Of a document. */
  compatMode?: string;
  /** Of a doctype. */
  doctype?: { name: string; publicId: string; systemId: string };
}

export const NO_ATTRIBUTES: Readonly<Attributes> = Object.freeze({});

export class DomNode {
  /** rrweb's; 0 for a shadow root. */
  readonly id: number;
  readonly type: NodeType;
  /** Of an element, in lower case. */
  readonly tag: string;
  /** Of an element. Not to be written to but by the fold. */
  attributes: Readonly<Attributes>;
  /** Whether `attributes` is the fold's own, and not the recorded event's. */
  ownsAttributes = false;
  /** Changes to single inline properties; when set, it is the truth, and not `attributes.style`. */
  style: InlineStyle | null = null;
  /** Of text, CDATA and comments. */
  text: string;
  marks: NodeMarks | null;
  state: NodeState | null = null;

  /** The element or document around it; the host of a shadow root; the frame of a document in one. */
  parent: DomNode | null = null;
  previous: DomNode | null = null;
  next: DomNode | null = null;
  first: DomNode | null = null;
  last: DomNode | null = null;
  /** Of an element that is a host. */
  shadow: DomNode | null = null;
  /** Of a frame. */
  frame: DomNode | null = null;

  depth = 0;
  /** The number of the event that last touched it. */
  touchedIn = 0;

  constructor(id: number, type: NodeType, tag: string, attributes: Readonly<Attributes>, text: string) {
    this.id = id;
    this.type = type;
    this.tag = tag;
    this.attributes = attributes;
    this.text = text;
    this.marks = null;
  }

  /** An attribute as text; null where it is not there. */
  attribute(name: string): string | null {
    if (name === "style" && this.style) return this.style.toString();
    const value = Object.hasOwn(this.attributes, name) ? this.attributes[name] : null;
    if (value === true) return "";
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  }
}

/** Puts a node without a place into one: before `before`, or at the end. */
export function insert(parent: DomNode, node: DomNode, before: DomNode | null): void {
  node.parent = parent;
  if (parent.type === NodeType.Element && node.type === NodeType.ShadowRoot) parent.shadow = node;
  else if (parent.type === NodeType.Element && node.type === NodeType.Document) parent.frame = node;
  else {
    node.next = before;
    node.previous = before ? before.previous : parent.last;
    if (node.previous) node.previous.next = node;
    else parent.first = node;
    if (before) before.previous = node;
    else parent.last = node;
  }
}

/** Takes a node, with what is in it, out of its place. */
export function remove(node: DomNode): void {
  const { parent } = node;
  if (!parent) return;
  if (parent.shadow === node) parent.shadow = null;
  else if (parent.frame === node) parent.frame = null;
  else {
    if (node.previous) node.previous.next = node.next;
    else parent.first = node.next;
    if (node.next) node.next.previous = node.previous;
    else parent.last = node.previous;
  }
  node.parent = null;
  node.previous = null;
  node.next = null;
}

/**
 * A node and all in it, shadow roots and documents of frames included, each before what is in it. Without recursion, for
 * a page may be deeper than the stack.
 *
 * @param skips tells of nodes whose inside is not walked
 */
export function* within(root: DomNode, skips?: (node: DomNode) => boolean): Generator<DomNode, void> {
  let node: DomNode | null = root;
  while (node) {
    yield node;
    node = (skips?.(node) ? null : firstIn(node)) ?? after(node, root);
  }
}

/** What comes first in a node: its shadow tree, then its frame's document, then its children. */
export function firstIn(node: DomNode): DomNode | null {
  return node.shadow ?? node.frame ?? node.first;
}

/** What comes after a node and all in it, within `root`. */
export function after(node: DomNode, root: DomNode): DomNode | null {
  for (let at: DomNode = node; at !== root; ) {
    const { parent } = at;
    if (!parent) return null;
    let next: DomNode | null;
    if (at === parent.shadow) next = parent.frame ?? parent.first;
    else if (at === parent.frame) next = parent.first;
    else next = at.next;
    if (next) return next;
    at = parent;
  }
  return null;
}
