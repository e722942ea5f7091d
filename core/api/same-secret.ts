import { createHash, timingSafeEqual } from "node:crypto";

/** In a time that depends on neither text. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
