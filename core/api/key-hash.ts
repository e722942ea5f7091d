import { createHash } from "node:crypto";

/** How a project's key stands in the database. Keys are long and random, so a plain hash cannot be guessed back. */
export function keyHash(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
