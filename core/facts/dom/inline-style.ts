/**
 * An element's inline style under rrweb's mutations of single properties. rrweb tells changes of long-hand properties on
 * top of a text that may have short-hands, as CSSOM does; here no CSS is parsed beyond its declarations.
 */

/** Names and values as they are in a style attribute, priority included; the last one wins. */
const PROPERTIES_MAX = 500;

export class InlineStyle {
  /** Characters of names and values. */
  chars = 0;
  readonly #properties = new Map<string, string>();

  constructor(text: string) {
    for (const declaration of declarationsOf(text)) {
      const colon = declaration.indexOf(":");
      if (colon > 0) this.#set(declaration.slice(0, colon).trim(), declaration.slice(colon + 1).trim());
    }
  }

  /** @param change what rrweb says of one property: a value, a value with its priority, or false where it is removed */
  apply(property: string, change: unknown): void {
    if (change === false) this.#remove(property);
    else if (typeof change === "string") this.#set(property, change);
    else if (Array.isArray(change) && typeof change[0] === "string") {
      this.#set(property, change[1] === "important" ? `${change[0]} !important` : change[0]);
    }
  }

  get(property: string): string | undefined {
    return this.#properties.get(property);
  }

  toString(): string {
    let text = "";
    for (const [name, value] of this.#properties) text += `${text && " "}${name}: ${value};`;
    return text;
  }

  #set(property: string, value: string): void {
    if (this.#properties.size >= PROPERTIES_MAX && !this.#properties.has(property)) return;
    // What is set last stands last: a short-hand takes its long-hands with it.
    this.#forget(property);
    if (value === "") return;
    this.#properties.set(property, value);
    this.chars += property.length + value.length;
  }

  #forget(property: string): void {
    const value = this.#properties.get(property);
    if (value === undefined) return;
    this.#properties.delete(property);
    this.chars -= property.length + value.length;
  }

  #remove(property: string): void {
    this.#forget(property);
    // A long-hand that a short-hand of the text stands for can only be taken back.
    for (let dash = property.lastIndexOf("-"); dash > 0; dash = property.lastIndexOf("-", dash - 1)) {
      if (!this.#properties.has(property.slice(0, dash))) continue;
      this.#set(property, "revert-layer");
      return;
    }
  }
}

/** A style attribute's declarations: cut at semicolons outside of quotes and brackets. */
function declarationsOf(text: string): string[] {
  if (!/["'(\\]/.test(text)) return text.split(";");
  const found: string[] = [];
  let start = 0;
  let brackets = 0;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\") at++;
    else if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === "(") brackets++;
    else if (character === ")") brackets = Math.max(0, brackets - 1);
    else if (character === ";" && brackets === 0) {
      found.push(text.slice(start, at));
      start = at + 1;
    }
  }
  found.push(text.slice(start));
  return found;
}
