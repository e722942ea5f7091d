/**
 * Which strings of an rrweb event people can read: text, attributes, what is typed, addresses, and whatever pages and
 * plugins tell. Not names of members, numbers, styles and their rules, and what only programs read.
 * Where rrweb says what a string is, this goes by it (rrweb 2, `eventWithTime` in @rrweb/types); anything else is text.
 */
import { EventType, IncrementalSource } from "#protocol/event.ts";
import { type JsonArray, type JsonLeaf, type JsonNode, type JsonObject, stringAt } from "./json-tree.ts";

export interface VisibleText {
  /** Each string, in order. */
  strings: VisibleString[];
  /** Runs of text nodes that make one line on the page: a number may be spread over them. */
  lines: VisibleString[][];
}

export interface VisibleString extends Pick<JsonLeaf, "start" | "end">, ValueFacts {}

interface ValueFacts {
  /** Of what may change with each key that is typed: the node that it is the value of. */
  ofNode?: number | undefined;
  /** Whether it is the value of a field, by an input event. */
  isTyped?: boolean | undefined;
}

const STYLES: readonly (number | null)[] = [
  IncrementalSource.StyleSheetRule,
  IncrementalSource.Font,
  IncrementalSource.StyleDeclaration,
  IncrementalSource.AdoptedStyleSheet,
];

export function visibleText(text: Buffer, event: JsonNode): VisibleText {
  return new Reader(text).read(event);
}

class Reader {
  readonly #text: Buffer;
  readonly #found: VisibleText = { strings: [], lines: [] };
  /** Nodes of the page that are left to look at: not recursion, for it may be nested as deep as it likes. */
  readonly #nodes: [node: JsonObject, isInStyle: boolean][] = [];

  constructor(text: Buffer) {
    this.#text = text;
  }

  read(event: JsonNode): VisibleText {
    if (event.kind === "object") this.#event(event);
    for (let next = this.#nodes.pop(); next; next = this.#nodes.pop()) this.#node(...next);
    this.#found.strings.sort((a, b) => a.start - b.start);
    return this.#found;
  }

  #event(event: JsonObject): void {
    const type = this.#number(event, "type");
    for (const [name, value] of event.members) {
      if (name !== "data" || value.kind !== "object") this.#any(value);
      else if (type === EventType.FullSnapshot) this.#withNodes(value, "node");
      else if (type === EventType.IncrementalSnapshot) this.#incremental(value);
      else this.#any(value);
    }
  }

  #incremental(data: JsonObject): void {
    const source = this.#number(data, "source");
    if (STYLES.includes(source)) return;
    if (source === IncrementalSource.Input) {
      const id = this.#number(data, "id") ?? undefined;
      for (const [, value] of data.members) this.#any(value, { ofNode: id, isTyped: true });
    } else if (source === IncrementalSource.Mutation) this.#mutation(data);
    else this.#any(data);
  }

  #mutation(data: JsonObject): void {
    for (const [name, list] of data.members) {
      if (list.kind !== "array") {
        this.#any(list);
        continue;
      }
      for (const change of list.items) {
        if (change.kind !== "object") this.#any(change);
        else if (name === "adds") this.#withNodes(change, "node");
        else if (name === "attributes") this.#withAttributes(change);
        else this.#any(change, { ofNode: this.#number(change, "id") ?? undefined });
      }
    }
  }

  #withAttributes(change: JsonObject): void {
    const id = this.#number(change, "id") ?? undefined;
    for (const [name, value] of change.members) {
      if (name === "attributes" && value.kind === "object") this.#attributes(value, id);
      else this.#any(value);
    }
  }

  #withNodes(holder: JsonObject, member: string): void {
    for (const [name, value] of holder.members) {
      if (name === member && value.kind === "object") this.#nodes.push([value, false]);
      else this.#any(value);
    }
  }

  #node(node: JsonObject, isInStyle: boolean): void {
    const tag = this.#string(node, "tagName").toLowerCase();
    const isStyle = tag === "style" || this.#isTrue(node, "isStyle");
    const line = tag === "" ? null : this.#line(node);
    if (line && line.length > 1) this.#found.lines.push(line);
    for (const [name, value] of node.members) {
      if (name === "attributes" && value.kind === "object")
        this.#attributes(value, this.#number(node, "id") ?? undefined);
      else if (name === "childNodes" && value.kind === "array") {
        for (const child of value.items) {
          if (child.kind === "object") this.#nodes.push([child, isStyle]);
          else this.#any(child);
        }
      } else if (name === "textContent") {
        if (!isStyle && !isInStyle) this.#any(value);
      } else if (!DESCRIBING.has(name)) this.#any(value);
    }
  }

  #attributes(attributes: JsonObject, id: number | undefined): void {
    for (const [name, value] of attributes.members) {
      if (isForPrograms(name.toLowerCase())) continue;
      this.#any(value, name === "value" ? { ofNode: id } : undefined);
    }
  }

  /** All strings in it. */
  #any(node: JsonNode, facts?: ValueFacts): void {
    const open: (JsonObject | JsonArray)[] = [];
    const look = (value: JsonNode) => {
      if (value.kind === "object" || value.kind === "array") open.push(value);
      else if (value.kind === "string" && !this.#isDataUrl(value))
        this.#found.strings.push(facts ? { start: value.start, end: value.end, ...facts } : value);
    };
    look(node);
    for (let next = open.pop(); next; next = open.pop()) {
      if (next.kind === "array") for (const item of next.items) look(item);
      else for (const [, value] of next.members) look(value);
    }
  }

  /** The text nodes of an element that says nothing but digits, on a line; null where it says more. */
  #line(element: JsonObject): VisibleString[] | null {
    const line: VisibleString[] = [];
    const open: [JsonObject, isTop: boolean][] = [[element, true]];
    for (let seen = 0; open.length > 0; seen++) {
      const [node, isTop] = open.pop() as [JsonObject, boolean];
      if (seen > LINE_NODES_MAX) return null;
      const content = node.members.findLast(([name]) => name === "textContent")?.[1];
      if (content?.kind === "string") {
        if (content.end - content.start > LINE_TEXT_BYTES_MAX || this.#hasLetters(content)) return null;
        line.push({ start: content.start, end: content.end });
      }
      const tag = this.#string(node, "tagName").toLowerCase();
      if (!isTop && tag !== "" && !INLINE.has(tag)) return null;
      const children = node.members.findLast(([name]) => name === "childNodes")?.[1];
      if (children?.kind !== "array") continue;
      if (children.items.length > LINE_NODES_MAX) return null;
      for (const child of children.items.toReversed()) if (child.kind === "object") open.push([child, false]);
    }
    return line;
  }

  #hasLetters({ start, end }: JsonLeaf): boolean {
    for (let at = start + 1; at < end - 1; at++) {
      const byte = this.#text[at] as number;
      if (byte < 0x80 && byte !== 0x20 && byte !== 0x2d && byte !== 0x5c && !(byte >= 0x30 && byte <= 0x39))
        return true;
      if (byte === 0x5c) at++;
    }
    return false;
  }

  #isDataUrl({ start, end }: JsonLeaf): boolean {
    if (end - start < DATA_URL_BYTES_MIN) return false;
    return /^"\s*data:[\w.+-]+\/[\w.+-]+[;,]/i.test(this.#text.toString("latin1", start, Math.min(end, start + 80)));
  }

  #member(object: JsonObject, name: string): JsonNode | undefined {
    return object.members.findLast(([member]) => member === name)?.[1];
  }

  #number(object: JsonObject, name: string): number | null {
    const node = this.#member(object, name);
    return node?.kind === "scalar" ? Number(this.#text.toString("latin1", node.start, node.end)) : null;
  }

  #isTrue(object: JsonObject, name: string): boolean {
    const node = this.#member(object, name);
    return node?.kind === "scalar" && this.#text.toString("latin1", node.start, node.end) === "true";
  }

  #string(object: JsonObject, name: string): string {
    const node = this.#member(object, name);
    return node?.kind === "string" ? stringAt(this.#text, node.start, node.end) : "";
  }
}

/** Members of a node by which it is built, which hold no text of the page. */
const DESCRIBING = new Set(["tagName", "name", "publicId", "systemId"]);

/** `"data:a/b,"` */
const DATA_URL_BYTES_MIN = 11;

const LINE_NODES_MAX = 60;
const LINE_TEXT_BYTES_MAX = 64;
const INLINE = new Set([
  "span",
  "b",
  "strong",
  "em",
  "i",
  "small",
  "code",
  "kbd",
  "samp",
  "mark",
  "bdi",
  "bdo",
  "font",
  "u",
]);

/** Attributes that only programs read: names, references, geometry, styles, and what the recorder notes for the player. */
function isForPrograms(name: string): boolean {
  return FOR_PROGRAMS.has(name) || name.startsWith("data-") || name.startsWith("rr_");
}

const FOR_PROGRAMS = new Set(
  (
    "class id style _csstext name for form list headers type role key slot part is lang rel media sizes integrity nonce " +
    "aria-labelledby aria-describedby aria-controls aria-owns aria-activedescendant aria-flowto aria-details " +
    "aria-errormessage usemap itemid itemref itemtype itemprop d points viewbox transform gradienttransform " +
    "patterntransform x y x1 x2 y1 y2 cx cy r rx ry dx dy width height offset values keytimes keysplines " +
    "stroke-dasharray clip-path fill stroke mask filter xmlns"
  ).split(" "),
);
