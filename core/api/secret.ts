import { randomBytes } from "node:crypto";

/** Text that nobody guesses, of 192 bits unless told otherwise, fit for URLs and headers. */
export function newSecret(bytes = 24): string {
  return randomBytes(bytes).toString("base64url");
}
