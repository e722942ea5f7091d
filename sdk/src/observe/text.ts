/** Texts that nobody wrote for a recording: shortened, and without the secrets that can be told by their names. */
import type { Watched } from "./host.ts";

export const MASK = "********";

const NAMES =
  "passw|passphrase|secret|token|auth(?!or(?!i))|cookie|session|credential|api.?key|private.?key|jwt|csrf|xsrf|cvv|cvc|card.?n|iban|ssn";

/** Names of members, headers and fields whose values are nobody's business. */
export const SECRET_NAME = new RegExp(NAMES, "i");

/** `password=…`, `"token": "…"`, `Authorization: Bearer …`. */
const SECRET_PAIR = new RegExp(
  `((?:${NAMES})[\\w-]*\\\\?["']?\\s*[:=]\\s*)((?:bearer|basic)\\s+)?("(?:[^"\\\\]|\\\\.)*"?|'[^']*'?|[^\\s,;&}\\]]+)`,
  "gi",
);

export function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/** With each address in it scrubbed, such as the page's in the stacks of its own scripts. */
export function scrubAddresses({ scrubUrl }: Watched, text: string): string {
  return text.replace(/\b(https?|wss?):\/\/[^\s"'<>)]+/g, scrubUrl);
}

export function scrubText(host: Watched, text: string): string {
  return scrubAddresses(host, text).replace(SECRET_PAIR, `$1${MASK}`);
}
