/** The values of a JSON text with their places in its bytes, for who changes some of them and nothing beside. */

export type JsonNode = JsonLeaf | JsonObject | JsonArray;

/** A string with its quotes, or a number, true, false or null. */
export interface JsonLeaf {
  kind: "string" | "scalar";
  start: number;
  end: number;
}

export interface JsonObject {
  kind: "object";
  /** In their order; a name may come twice. */
  members: [name: string, value: JsonNode][];
}

export interface JsonArray {
  kind: "array";
  items: JsonNode[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** @param text JSON between `start` and `end`, as JSON.parse has found; nested as deep as it likes */
export function jsonTree(text: Buffer, start: number, end: number): JsonNode {
  const open: (JsonObject | JsonArray)[] = [];
  let name: string | null = null;
  let root: JsonNode | null = null;
  const place = (node: JsonNode) => {
    const parent = open.at(-1);
    if (!parent) root = node;
    else if (parent.kind === "array") parent.items.push(node);
    else if (name !== null) {
      parent.members.push([name, node]);
      name = null;
    }
  };
  for (let at = start; at < end; ) {
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
      if (open.at(-1)?.kind === "object" && name === null) name = stringAt(text, at, to);
      else place({ kind: "string", start: at, end: to });
      at = to;
    } else {
      const from = at;
      while (at < end && !isDelimiter(text[at] as number)) at++;
      place({ kind: "scalar", start: from, end: at });
    }
  }
  if (!root) throw new SyntaxError("no JSON");
  return root;
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
