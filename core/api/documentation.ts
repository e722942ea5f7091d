/** The OpenAPI document, and a page to browse it. All of the page is served from here; it asks no other host for anything. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import { SESSION_COOKIE } from "./auth/session.ts";
import { isUnchanged } from "./playback/etag.ts";

const DOCUMENT_PATH = "/openapi.json";

export const DOCUMENT_INFO = {
  openapi: "3.1.0",
  info: {
    title: "rrHog read API",
    version: "1",
    description:
      "Recordings, their sessions, and counts over them. A read key (`Authorization: Bearer`) reads its own project; " +
      "a person who is signed in reads what their membership allows; a write key reads nothing. " +
      "Errors are problem+json (RFC 9457) with a stable `code`.",
  },
  security: [{ readKey: [] }, { session: [] }] as Record<string, string[]>[],
};

export const SECURITY_SCHEMES = {
  readKey: { type: "http", scheme: "bearer", description: "a project's read key" },
  session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE, description: "set by sign-in" },
} as const;

/** What the page may load and run: its own files. */
export const DOCUMENTATION_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
};

const ASSETS: Record<string, string> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>rrHog read API</title>
    <link rel="icon" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: "${DOCUMENT_PATH}", dom_id: "#docs", deepLinking: true, docExpansion: "list" });\n`;

/**
 * The document, and the page at `/docs`.
 * @param generate the document, once every route is there; anyone may ask, and it takes a tenth of a second
 */
export function documentation(generate: () => object) {
  let kept: { text: string; etag: string } | undefined;
  const app = new Hono();
  app.get(DOCUMENT_PATH, (c) => {
    kept ??= tagged(JSON.stringify(generate()));
    // It changes with the release alone: asked again, it is not sent again.
    const headers = { "content-type": "application/json", "cache-control": "no-cache", etag: kept.etag };
    if (isUnchanged(c.req.header("if-none-match"), kept.etag)) return c.body(null, 304, headers);
    return c.body(kept.text, 200, headers);
  });
  app.get("/docs", (c) => c.html(PAGE));
  app.get("/docs/start.js", (c) => c.body(START, 200, { "content-type": "text/javascript; charset=utf-8" }));
  app.get("/docs/:asset", async (c) => {
    const name = c.req.param("asset");
    const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (type === undefined) return c.notFound();
    const file = await readFile(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`)));
    return c.body(file, 200, { "content-type": type, "cache-control": "public, max-age=3600" });
  });
  return app;
}

/** Weak, for a compressed answer has the same one. */
function tagged(text: string) {
  return { text, etag: `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 32)}"` };
}
