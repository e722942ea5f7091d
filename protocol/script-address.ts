/**
 * Where the edge serves the recorder's files for good: beside `/rrhog.js` lie `/rrhog/{hash}/rrhog.js` and
 * `/rrhog/{hash}/observe.js`, beside `/page.js` `/page/{hash}/page.js` and `/page/{hash}/observe.js`, each under the hash
 * of its own bytes.
 */

/** @param digest SHA-256 of the file, in base64 */
export function contentHash(digest: string): string {
  return digest.slice(0, 16).replace(/\W/g, "-");
}

/** What the script's own address becomes before that of another file: `/page.js?v=1` is `/page`. */
export function withoutExtension(script: string): string {
  return script.replace(/(\.js)?([?#].*)?$/, "");
}
