/**
 * The strings of a JSON text with their places in its bytes, for who changes some of them and nothing beside. Of numbers,
 * true, false and null only those are in it that say what a string is: a list of millions costs its bytes.
 */

import type { Slice } from "#protocol/json-scan.ts";

export type JsonNode = JsonLeaf | JsonObject | JsonArray;

/** A string with its quotes, or a number, true, false or null. */
export interface JsonLeaf {
  kind: "string" | "scalar";
  start: number;
  end: number;
}

export interface JsonObject {
  kind: "object";
  /** In their order, but for scalars that tell nothing; a name may come twice. */
  members: [name: string, value: JsonNode][];
}

export interface JsonArray {
  kind: "array";
  /** But for scalars. */
  items: JsonNode[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How many values may be made of it all. */
export interface TreeBudget {
  values: number;
}

/** Members that visible-text.ts asks for: of a name that comes twice it is the last that counts, be it a scalar. */
const TELLING = new Set(["id", "type", "source", "isStyle", "tagName", "textContent", "childNodes"]);
/** Of the longest, each of its letters written as an escape, with its quotes. */
const TELLING_BYTES_MAX = 2 + 6 * "textContent".length;

/**
 * @param text JSON between `start` and `end`, as JSON.parse has found; nested as deep as it likes
 * @returns null where the budget does not reach
 */
export function jsonTree(text: Buffer, { start, end }: Slice, budget: TreeBudget): JsonNode | null {
  const open: (JsonObject | JsonArray)[] = [];
  let name: Slice | null = null;
  let root: JsonNode | null = null;
  const place = (node: JsonNode) => {
    budget.values--;
    const parent = open.at(-1);
    if (!parent) root = node;
    else if (parent.kind === "array") parent.items.push(node);
    else if (name !== null) {
      parent.members.push([stringAt(text, name.start, name.end), node]);
      name = null;
    }
  };
  for (let at = start; at < end; ) {
    if (budget.values < 0) return null;
    const byte = text[at] as number;
    if (byte === 0x7b || byte === 0x5b) {
      const node: JsonObject | JsonArray =
        byte === 0x7b ? { kind: "object", members: [] } : { kind: "array", items: [] };
      place(node);
      open.push(node);
      at++;
    } else if (byte === 0x7d || byte === 0x5d) {
      open.pop();
      at++;
    } else if (byte <= 0x20 || byte === 0x2c || byte === 0x3a) {
      at++;
    } else if (byte === QUOTE) {
      const to = stringEnd(text, at, end);
      if (open.at(-1)?.kind === "object" && name === null) name = { start: at, end: to };
      else place({ kind: "string", start: at, end: to });
      at = to;
    } else {
      const from = at;
      while (at < end && !isDelimiter(text[at] as number)) at++;
      if (name !== null && isTelling(text, name)) place({ kind: "scalar", start: from, end: at });
      name = null;
    }
  }
  if (!root) throw new SyntaxError("no JSON");
  return root;
}

function isTelling(text: Buffer, { start, end }: Slice): boolean {
  return end - start <= TELLING_BYTES_MAX && TELLING.has(stringAt(text, start, end));
}

/** The value of a string's token. */
export function stringAt(text: Buffer, start: number, end: number): string {
  const inner = text.toString("utf8", start + 1, end - 1);
  return inner.includes("\\") ? (JSON.parse(`"${inner}"`) as string) : inner;
}

function stringEnd(text: Buffer, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    if (text[at] === BACKSLASH) at++;
    else if (text[at] === QUOTE) return at + 1;
  }
  return end;
}

function isDelimiter(byte: number): boolean {
  return byte === 0x2c || byte === 0x5d || byte === 0x7d || byte <= 0x20;
}

/**
 * Where the units of a string's value lie in its token: unit i from `places[i]` to `places[i + 1]`. Of a surrogate pair
 * that is one character of UTF-8, the second has no bytes of its own.
 */
export function unitPlaces(text: Buffer, start: number, end: number): number[] {
  const places: number[] = [];
  for (let at = start + 1; at < end - 1; ) {
    const byte = text[at] as number;
    places.push(at);
    if (byte === BACKSLASH) at += text[at + 1] === 0x75 ? 6 : 2;
    else if (byte < 0x80) at += 1;
    else if (byte < 0xe0) at += 2;
    else if (byte < 0xf0) at += 3;
    else {
      at += 4;
      places.push(at);
    }
  }
  places.push(end - 1);
  return places;
}
