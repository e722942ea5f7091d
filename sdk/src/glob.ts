/**
 * Whether `text` is what `pattern` says, in which `*` stands for any characters. Read once from its beginning to its end:
 * as a regular expression, a pattern of many stars could hold up the page for an address of the visitor's making.
 */
export function fits(pattern: string, text: string): boolean {
  const [first = "", ...parts] = pattern.split("*");
  const last = parts.pop();
  if (last === undefined) return text === first;
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}
