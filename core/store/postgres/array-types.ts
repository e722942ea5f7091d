/**
 * One-dimensional arrays of the types that our tables and statements use, by their numbers in pg_type, which never change.
 *
 * The driver (postgres.js 3.4.9) would ask each new connection for them, and leaves the promise of that question to nobody:
 * a connection that ends meanwhile ends the process (porsager/postgres#1192, #1205, #1223).
 * Text format: https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO
 */
interface ArrayType {
  to: number;
  from: number[];
  /** An array, which the driver's types do not say. */
  serialize(elements: unknown): string;
  parse(text: string): unknown;
}

export const ARRAY_TYPES: Record<string, ArrayType> = {
  texts: arrayType(1009, String),
  uuids: arrayType(2951, String),
  integers: arrayType(1007, Number),
  bigints: arrayType(1016, String),
};

function arrayType(oid: number, read: (text: string) => unknown): ArrayType {
  const serialize = (elements: unknown) => `{${(elements as readonly unknown[]).map(literal).join(",")}}`;
  const parse = (text: string) => [...text.matchAll(ELEMENT)].map(([whole, quoted]) => element(whole, quoted, read));
  return { to: oid, from: [oid], serialize, parse };
}

/** In quotes, where a backslash takes the next character as it is, or bare. */
const ELEMENT = /"((?:[^"\\]|\\.)*)"|[^,{}]+/gs;

function element(whole: string, quoted: string | undefined, read: (text: string) => unknown): unknown {
  if (quoted !== undefined) return read(quoted.replace(/\\(.)/gs, "$1"));
  return whole === "NULL" ? null : read(whole);
}

function literal(value: unknown): string {
  return value === null ? "NULL" : `"${String(value).replace(/["\\]/g, "\\$&")}"`;
}
