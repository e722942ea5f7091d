/**
 * Whether a parsed JSON value nests no deeper than that: a text is 0 levels, an array of texts is one. Who writes JSON
 * calls itself for each level, and how far its stack reaches differs from runtime to runtime.
 */
export function isWithinDepth(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  return Object.values(value).every((inner) => isWithinDepth(inner, levels - 1));
}
