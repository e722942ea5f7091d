/**
 * The addresses in a stylesheet's text: `url()` and `@import` (CSS Syntax 3, CSS Cascade 5). A scan and no parse: what
 * stands in comments and strings is passed over, and all else stays as it was, to the character.
 */

export interface CssChange {
  /** What stands in the place of `url(address)`; null leaves it. */
  url(address: string): string | null;
  /** The text of an imported sheet, which stands in the place of the `@import`; null leaves it to `url`. */
  imported(address: string): string | null;
}

/** Where something begins that is not plain text. */
const START = /\/\*|["']|url\(|@import\b/gi;

/** @returns the text with what `change` answered; the very same string where that was nothing */
export function changeCssUrls(css: string, change: CssChange): string {
  const start = new RegExp(START);
  let out = "";
  let copied = 0;
  const replace = (from: number, to: number, by: string) => {
    out += css.slice(copied, from) + by;
    copied = to;
  };
  for (let found = start.exec(css); found; found = start.exec(css)) {
    const at = found.index;
    const token = found[0].toLowerCase();
    if (token === "/*") {
      start.lastIndex = afterComment(css, at);
    } else if (token === "@import") {
      const rule = importAt(css, at);
      if (!rule) continue;
      start.lastIndex = rule.end;
      const text = change.imported(rule.address);
      if (text !== null) replace(at, rule.end, wrapped(text, rule.conditions));
    } else if (token === "url(") {
      // `my-url(` is a function of another name.
      if (/[\w-]/.test(css[at - 1] ?? "")) continue;
      const url = urlAt(css, at);
      if (!url) continue;
      start.lastIndex = url.end;
      const to = url.end <= css.length ? change.url(url.address) : null;
      if (to !== null) replace(at, url.end, `url("${to.replace(/["\\\n\r\f]/g, encodeURIComponent)}")`);
    } else {
      start.lastIndex = stringAt(css, at).end;
    }
  }
  return copied === 0 ? css : out + css.slice(copied);
}

/** An address, and where its text (`url(…)`, a string, or the rule) ends. */
interface Address {
  address: string;
  end: number;
}

/** `url("…")`, `url('…')` or `url(…)`; null where it is none. One that is never closed takes all the rest. */
function urlAt(css: string, from: number): Address | null {
  const at = afterBlanks(css, from + "url(".length);
  const quote = css[at];
  if (quote === '"' || quote === "'") {
    const { value, end } = stringAt(css, at);
    const close = afterBlanks(css, end);
    return css[close] === ")" ? { address: unescaped(value), end: close + 1 } : null;
  }
  let close = css.indexOf(")", at);
  while (close > 0 && css[close - 1] === "\\") close = css.indexOf(")", close + 1);
  if (close === -1) return { address: "", end: css.length + 1 };
  return { address: unescaped(css.slice(at, close).trim()), end: close + 1 };
}

/** The rule at `at`, to the end of its semicolon; null where it names no address. */
function importAt(css: string, at: number): (Address & { conditions: string }) | null {
  const from = afterBlanks(css, at + "@import".length);
  const quote = css[from];
  let found: Address | null = null;
  if (quote === '"' || quote === "'") {
    const { value, end } = stringAt(css, from);
    found = { address: unescaped(value), end };
  } else if (css.slice(from, from + 4).toLowerCase() === "url(") found = urlAt(css, from);
  if (!found || found.address === "") return null;
  const semicolon = css.indexOf(";", found.end);
  const end = semicolon === -1 ? css.length : semicolon;
  return { address: found.address, end: Math.min(end + 1, css.length), conditions: css.slice(found.end, end).trim() };
}

/** An imported sheet under the conditions of its import: `layer`, then `supports()`, then media (CSS Cascade 5, 2.1). */
function wrapped(css: string, conditions: string): string {
  let left = conditions;
  let [open, close] = ["", ""];
  const within = (rule: string) => {
    open += `${rule}{`;
    close += "}";
  };
  const layer = /^layer(?:\(([^()]*)\)|(?![\w(-]))/i.exec(left);
  if (layer) {
    within(`@layer ${layer[1] ?? ""}`);
    left = left.slice(layer[0].length).trim();
  }
  if (/^supports\(/i.test(left)) {
    const end = afterParenthesis(left, "supports".length);
    const condition = left.slice("supports".length, end);
    within(`@supports ${/^\(\s*(?:\(|not\b)/i.test(condition) ? condition.slice(1, -1) : condition}`);
    left = left.slice(end).trim();
  }
  if (left !== "") within(`@media ${left}`);
  return `${open}${css}${close}`;
}

function afterParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return at + 1;
  }
  return text.length;
}

/** A string ends at its quote, or, being broken, at the line's end. */
function stringAt(css: string, at: number): { value: string; end: number } {
  const stop = css[at] === '"' ? /["\\\n]/g : /['\\\n]/g;
  stop.lastIndex = at + 1;
  for (let found = stop.exec(css); found; found = stop.exec(css)) {
    if (found[0] === "\\") stop.lastIndex++;
    else return { value: css.slice(at + 1, found.index), end: found.index + 1 };
  }
  return { value: css.slice(at + 1), end: css.length };
}

function afterComment(css: string, at: number): number {
  const end = css.indexOf("*/", at + 2);
  return end === -1 ? css.length : end + 2;
}

function afterBlanks(css: string, from: number): number {
  let at = from;
  for (;;) {
    if (/\s/.test(css[at] ?? "")) at++;
    else if (css.startsWith("/*", at)) at = afterComment(css, at);
    else return at;
  }
}

/** CSS Syntax 3, 4.3.7: up to six hexadecimal digits and one blank, an escaped line's end is nothing, else the character. */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:([0-9a-f]{1,6})\s?|(\r\n|[\s\S]))/gi, (_, hex?: string, other?: string) => {
    if (hex === undefined) return /[\n\r\f]/.test(other ?? "") ? "" : (other ?? "");
    const code = Number.parseInt(hex, 16);
    return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? "\uFFFD" : String.fromCodePoint(code);
  });
}
