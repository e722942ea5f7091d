import { createHash } from "node:crypto";

/** How keys and tokens stand in the database. They are long and random, so a plain hash cannot be guessed back. */
export function secretHash(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
