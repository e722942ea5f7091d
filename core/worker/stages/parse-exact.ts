/** JSON.parse for values that are stored as values: a number keeps what an integer column of 64 bits can hold of it. */

/** ECMAScript's JSON.parse tells a reviver the source of a number; TypeScript's library does not know it yet. */
type Reviver = (name: string, value: unknown, context: { source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown;

const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** Only numbers with as many characters may differ from what JSON.parse makes of them. */
const LONG_NUMBER = /[\d.]{16}|[eE]\+?\d{3}/;

/** A reviver is called for each value, and what JSON.parse notes for it takes a hundred times the value's text. */
const EXACT_LENGTH_MAX = 256 * 1024;

/**
 * Integers of 64 bits that a number does not hold become bigint, and what is beyond every double (`1e400`) its own text.
 * In a text of more than 256 KiB numbers are as JSON.parse has them.
 *
 * @throws SyntaxError where JSON.parse does
 */
export function parseExact(text: string): unknown {
  return text.length <= EXACT_LENGTH_MAX && LONG_NUMBER.test(text) ? parse(text, exact) : parse(text);
}

function exact(_name: string, value: unknown, { source = "" }: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  if (!Number.isFinite(value)) return source;
  if (source.length > 20 || !/^-?\d+$/.test(source)) return value;
  const integer = BigInt(source);
  return integer >= INT64_MIN && integer <= UINT64_MAX ? integer : value;
}
