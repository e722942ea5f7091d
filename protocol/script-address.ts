/**
 * Where the edge serves the recorder's files for good: beside `/rrhog.js` lie `/rrhog/{hash}/rrhog.js` and
 * `/rrhog/{hash}/observe.js`, beside `/page.js` `/page/{hash}/page.js` and `/page/{hash}/observe.js`, each under the hash
 * of its own bytes.
 */

/** The recorder, and the lazy part that it loads. */
export type RecorderFile = "rrhog.js" | "rrhog-observe.js";

/** @param digest SHA-256 of the file, in base64 */
export function contentHash(digest: string): string {
  return digest.slice(0, 16).replace(/\W/g, "-");
}

/** What the script's own address becomes before that of another file: `/page.js?v=1` is `/page`. */
export function withoutExtension(script: string): string {
  return script.replace(/(\.js)?([?#].*)?$/, "");
}

/** @param script its own path, `/rrhog.js` or another name for it */
export function immutablePaths(script: string, hashes: Record<RecorderFile, string>): Map<string, RecorderFile> {
  const base = withoutExtension(script);
  const recorder = `${base}/${hashes["rrhog.js"]}${base.slice(base.lastIndexOf("/"))}`;
  return new Map([
    [`${recorder}.js`, "rrhog.js"],
    // The recorder looks for its lazy part by its own address, which may be either.
    [`${base}/${hashes["rrhog-observe.js"]}/observe.js`, "rrhog-observe.js"],
    [`${recorder}/${hashes["rrhog-observe.js"]}/observe.js`, "rrhog-observe.js"],
  ]);
}
