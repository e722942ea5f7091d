/**
 * FNV-1a (32 bit, draft-eastlake-fnv-17) of a text's UTF-16 code units, finished as MurmurHash3 finishes (fmix32), since
 * FNV alone hardly moves its high bits for texts that differ in their last characters. 0 to 2^32 - 1.
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
}
