import { gzipSync } from "node:zlib";
import { type Context, Hono } from "hono";
import { immutablePaths, type RecorderFile } from "#protocol/script-address.ts";
import type { EdgeEnv } from "../edge-env.ts";
import { FOR_GOOD, FRESH, HASHES, SCRIPT_HEADERS } from "../recorder-files.ts";
import { rejectionResponse } from "../rejection.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What this isolate has read of the assets. */
const read = new Map<RecorderFile, { plain: Bytes; gzipped: Bytes }>();
/** Where each lies among the assets, under the hash of the bytes that this Worker was built with. */
const PLACES = new Map([...immutablePaths("/rrhog.js", HASHES)].map(([path, file]) => [file, path]));

/** The addresses that never change what they answer, beside each of these. */
export function addressesForGood(paths: readonly string[]): Map<string, RecorderFile> {
  return new Map(paths.flatMap((path) => [...immutablePaths(path, HASHES)]));
}

/**
 * GET /rrhog.js: the recorder, for any page. Five minutes in the browser's cache, then asked for by its ETag. Beside it,
 * for good, the same under the hash of its bytes, for a page that has `integrity` in its script tag, and the lazy part
 * that the recorder loads. On the platform its static assets answer for the usual name, and the Worker for another one
 * alone. Compressed here, since on one's own host nothing in front of the edge does it.
 */
export function sdkScript(paths: readonly string[]): Hono<EdgeEnv> {
  const app = new Hono<EdgeEnv>();
  for (const path of new Set(paths)) app.get(path, (c) => answer(c, "rrhog.js", FRESH));
  for (const [path, file] of addressesForGood(paths)) app.get(path, (c) => answer(c, file, FOR_GOOD));
  return app;
}

async function answer(c: Context<EdgeEnv>, file: RecorderFile, cacheControl: string): Promise<Response> {
  const { ASSETS } = c.env.settings;
  if (!ASSETS) return rejectionResponse({ code: "not_found" });
  // Weak: the same script, compressed or not.
  const etag = `W/"${HASHES[file]}"`;
  const headers = { ...SCRIPT_HEADERS, "Cache-Control": cacheControl, ETag: etag, Vary: "Accept-Encoding" };
  if (c.req.header("If-None-Match")?.includes(etag)) return new Response(null, { status: 304, headers });
  const { plain, gzipped } = read.get(file) ?? (await readAsset(ASSETS, file));
  if (!/\bgzip\b/.test(c.req.header("Accept-Encoding") ?? "")) return new Response(plain, { headers });
  return new Response(gzipped, { headers: { ...headers, "Content-Encoding": "gzip" }, encodeBody: "manual" });
}

async function readAsset(assets: Fetcher, file: RecorderFile): Promise<{ plain: Bytes; gzipped: Bytes }> {
  const response = await assets.fetch(`https://assets${PLACES.get(file)}`);
  if (!response.ok) throw new Error(`the assets answer ${response.status} for ${PLACES.get(file)}`);
  const plain = new Uint8Array(await response.arrayBuffer());
  const script = { plain, gzipped: Uint8Array.from(gzipSync(plain)) };
  read.set(file, script);
  return script;
}
