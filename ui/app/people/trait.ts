/** What a site told of somebody, on one line: texts as they are, all else as JSON writes it. */
export function traitText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
