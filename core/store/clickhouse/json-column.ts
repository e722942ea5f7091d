/**
 * An object as the text that a ClickHouse JSON column takes, whoever made it.
 *
 * The type flattens objects into paths, a path a leaf, and infers a type for each list. So what is deep costs far more
 * than its bytes: 0.8 MiB of leaves 450 levels down took 10 s, and lists nested 300 levels are refused by a code that
 * tells nothing of the row (26.7). What is too deep, or would repeat too much of its path, is kept as its own JSON text,
 * which is a string: nothing is lost by it.
 */

/** Levels of objects and lists below the column's own object that stay what they are. */
const DEPTH_MAX = 16;

/** Characters of paths for a character of text. An ordinary object has less than one. */
const PATH_COST_MAX = 8;

interface Part {
  json: string;
  /** Paths that begin here, and the characters in all of them. Whatever is no object is one leaf, of no length. */
  leaves: number;
  pathLength: number;
}

/**
 * Members that are undefined are left out, as JSON.stringify does.
 *
 * @param column plain values as JSON.parse gives them, and bigint; not nested deeper than JSON_DEPTH_MAX (limits.ts)
 */
export function jsonColumn(column: Readonly<Record<string, unknown>>): string {
  return objectPart(column, 0).json;
}

function objectPart(object: object, depth: number): Part {
  const members: string[] = [];
  let [leaves, pathLength] = [0, 0];
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    let member = part(value, depth + 1);
    const cost = () => member.pathLength + member.leaves * (name.length + 1);
    if (cost() > PATH_COST_MAX * (name.length + member.json.length)) member = leaf(scalar(jsonText(value)));
    members.push(`${scalar(name)}:${member.json}`);
    leaves += member.leaves;
    pathLength += cost();
  }
  return { json: `{${members.join(",")}}`, leaves, pathLength };
}

function part(value: unknown, depth: number): Part {
  if (typeof value !== "object" || value === null) return leaf(scalar(value));
  if (depth > DEPTH_MAX) return leaf(scalar(jsonText(value)));
  if (!Array.isArray(value)) return objectPart(value, depth);
  return leaf(`[${value.map((item) => part(item, depth + 1).json).join(",")}]`);
}

function leaf(json: string): Part {
  return { json, leaves: 1, pathLength: 0 };
}

/** Loops rather than callbacks: a frame a level is all that the stack has to bear. */
function jsonText(value: unknown): string {
  if (typeof value !== "object" || value === null) return scalar(value);
  const parts: string[] = [];
  if (Array.isArray(value)) {
    for (const item of value) parts.push(jsonText(item));
    return `[${parts.join(",")}]`;
  }
  for (const [name, item] of Object.entries(value)) parts.push(`${scalar(name)}:${jsonText(item)}`);
  return `{${parts.join(",")}}`;
}

/**
 * ClickHouse refuses two things that JSON.stringify writes: half a surrogate pair, as an escape, becomes U+FFFD, and the
 * digits of an integer that 64 bits do not hold become a power of ten.
 */
function scalar(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
    return value.toExponential();
  return JSON.stringify(typeof value === "string" ? value.toWellFormed() : value);
}
