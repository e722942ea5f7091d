import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Context, Hono } from "hono";
import { contentHash, withoutExtension } from "#protocol/script-address.ts";
import recorderText from "../../sdk/dist/rrhog.js";
import observeText from "../../sdk/dist/rrhog-observe.js";
import type { EdgeEnv } from "../edge-env.ts";

interface Script {
  text: string;
  /** Names these very bytes. */
  hash: string;
  gzipped: Uint8Array<ArrayBuffer> | null;
}

const RECORDER = script(recorderText);
const OBSERVE = script(observeText);

function script(text: string): Script {
  return { text, hash: contentHash(createHash("sha256").update(text).digest("base64")), gzipped: null };
}

/** The addresses that never change what they answer, by the recorder's usual ones. */
export function immutablePaths(paths: readonly string[]): Map<string, Script> {
  return new Map(
    paths.flatMap((path) => {
      const base = withoutExtension(path);
      const recorder = `${base}/${RECORDER.hash}${base.slice(base.lastIndexOf("/"))}`;
      return [
        [`${recorder}.js`, RECORDER],
        // The recorder looks for its lazy part by its own address, which may be either.
        ...[base, recorder].map((at) => [`${at}/${OBSERVE.hash}/observe.js`, OBSERVE] as const),
      ] as const;
    }),
  );
}

/**
 * GET /rrhog.js: the recorder, for any page. Five minutes in the browser's cache, then asked for by its ETag. Beside it,
 * for good, the same under the hash of its bytes, for a page that has `integrity` in its script tag, and the lazy part
 * that the recorder loads. Compressed here, since on one's own host nothing in front of the edge does it.
 */
export function sdkScript(paths: readonly string[]): Hono<EdgeEnv> {
  const app = new Hono<EdgeEnv>();
  for (const path of new Set(paths)) app.get(path, (c) => answer(c, RECORDER, "public, max-age=300"));
  for (const [path, script] of immutablePaths(paths)) {
    app.get(path, (c) => answer(c, script, "public, max-age=31536000, immutable"));
  }
  return app;
}

function answer(c: Context<EdgeEnv>, script: Script, cacheControl: string): Response {
  // Weak: the same script, compressed or not.
  const etag = `W/"${script.hash}"`;
  const headers = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": cacheControl,
    "Content-Type": "text/javascript; charset=utf-8",
    "Cross-Origin-Resource-Policy": "cross-origin",
    ETag: etag,
    Vary: "Accept-Encoding",
  };
  if (c.req.header("If-None-Match")?.includes(etag)) return new Response(null, { status: 304, headers });
  if (!/\bgzip\b/.test(c.req.header("Accept-Encoding") ?? "")) return new Response(script.text, { headers });
  script.gzipped ??= Uint8Array.from(gzipSync(script.text));
  return new Response(script.gzipped, { headers: { ...headers, "Content-Encoding": "gzip" }, encodeBody: "manual" });
}
