/** The recorder's built files as answers: what the Worker and the platform's static assets both say of them. */
import type { RecorderFile } from "#protocol/script-address.ts";
import manifest from "../sdk/dist/manifest.json" with { type: "json" };

export const HASHES: Record<RecorderFile, string> = {
  "rrhog.js": manifest["rrhog.js"].hash,
  "rrhog-observe.js": manifest["rrhog-observe.js"].hash,
};

export const SCRIPT_HEADERS = {
  "Access-Control-Allow-Origin": "*",
  "Content-Type": "text/javascript; charset=utf-8",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

/** Five minutes in the browser, then asked for by its ETag. */
export const FRESH = "public, max-age=300";
/** For what lies under the hash of its bytes. */
export const FOR_GOOD = "public, max-age=31536000, immutable";
