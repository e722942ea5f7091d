import { createHash } from "node:crypto";
import type { PlayWindow } from "#core/facts/play-order.ts";

/**
 * What an answer with these windows depends on: a late batch, a deletion and a redaction each change it. Weak, for a
 * compressed answer has the same one.
 *
 * @param epoch of the session's row; deletion and redaction raise it
 * @param form JSON and NDJSON of one URL are different answers
 */
export function etagOf(windows: readonly PlayWindow[], epoch: number, form: string): string {
  const hash = createHash("sha256").update(`${form} ${epoch}`);
  for (const { window_id, batches } of windows) {
    hash.update(`\n${window_id}`);
    for (const { batch_id, version } of batches) hash.update(` ${batch_id}:${version}`);
  }
  return `W/"${hash.digest("base64url").slice(0, 32)}"`;
}

/** Whether `If-None-Match` names the tag (RFC 9110, section 13.1.2: by weak comparison). */
export function isUnchanged(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || opaque(tag) === opaque(etag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, "");
}
