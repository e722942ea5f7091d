import { createHash } from "node:crypto";
import { Hono } from "hono";
import script from "../../sdk/dist/rrhog.js";
import type { EdgeEnv } from "../edge-env.ts";

const etag = `"${createHash("sha256").update(script).digest("base64url").slice(0, 22)}"`;

/** GET /rrhog.js: the recorder, for any page. Five minutes in the browser's cache, then asked for by its ETag. */
export const sdkScript = new Hono<EdgeEnv>().get("/rrhog.js", (c) => {
  c.header("Access-Control-Allow-Origin", "*");
  c.header("Cache-Control", "public, max-age=300");
  c.header("Cross-Origin-Resource-Policy", "cross-origin");
  c.header("ETag", etag);
  if (c.req.header("If-None-Match")?.includes(etag)) return c.body(null, 304);
  return c.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8" });
});
