import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Context, Hono } from "hono";
import script from "../../sdk/dist/rrhog.js";
import type { EdgeEnv } from "../edge-env.ts";

/** Weak: the same recorder, compressed or not. */
const etag = `W/"${createHash("sha256").update(script).digest("base64url").slice(0, 22)}"`;
let gzipped: Uint8Array<ArrayBuffer> | null = null;

/**
 * GET /rrhog.js: the recorder, for any page. Five minutes in the browser's cache, then asked for by its ETag. Compressed
 * here, since on one's own host nothing in front of the edge does it.
 */
export function sdkScript(paths: readonly string[]): Hono<EdgeEnv> {
  const app = new Hono<EdgeEnv>();
  for (const path of new Set(paths)) app.get(path, answer);
  return app;
}

function answer(c: Context<EdgeEnv>): Response {
  const headers = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "public, max-age=300",
    "Content-Type": "text/javascript; charset=utf-8",
    "Cross-Origin-Resource-Policy": "cross-origin",
    ETag: etag,
    Vary: "Accept-Encoding",
  };
  if (c.req.header("If-None-Match")?.includes(etag)) return new Response(null, { status: 304, headers });
  if (!/\bgzip\b/.test(c.req.header("Accept-Encoding") ?? "")) return new Response(script, { headers });
  gzipped ??= Uint8Array.from(gzipSync(script));
  return new Response(gzipped, { headers: { ...headers, "Content-Encoding": "gzip" }, encodeBody: "manual" });
}
