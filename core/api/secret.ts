import { randomBytes } from "node:crypto";

/** Text that nobody guesses: 192 bits, fit for URLs and headers. */
export function newSecret(): string {
  return randomBytes(24).toString("base64url");
}
