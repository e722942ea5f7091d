/** The console: React Router's request handler in a Hono server. Wiring only; the pages are in app/. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { compress } from "hono/compress";
import type { ConsoleEnvironment } from "./app/environment.ts";
import { contentSecurityPolicy, isOwnOrigin, referrerPolicy, SECURITY_HEADERS } from "./security.ts";
import { readSettings } from "./settings.ts";

const BUILD = join(import.meta.dirname, "build");
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** What `ui/build/server` exports: app/handler.server.ts. */
interface ConsoleBuild {
  respond: (request: Request, environment: ConsoleEnvironment) => Promise<Response>;
}

const read = readSettings(process.env);
if (!read.ok) fail(read.error);
const { settings } = read;

const buildFile = join(BUILD, "server", "index.js");
if (!existsSync(buildFile)) fail("ui: there is no build. Run: npm run build:ui");
const build: ConsoleBuild = await import(buildFile);

const app = new Hono();

app.use(async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value);
  c.res.headers.set("Referrer-Policy", referrerPolicy(c.req.path));
});

/** GET /healthz: 200 while this server can answer. What the rest is doing is the API's to say. */
app.get("/healthz", (c) => c.json({ status: "ok" }));

app.use(
  "/assets/*",
  serveStatic({
    root: join(BUILD, "client"),
    precompressed: true,
    // Names carry a hash of what is in them.
    onFound: (_path, c) => c.header("Cache-Control", "public, max-age=31536000, immutable"),
  }),
);
app.use("/assets/*", (c) => Promise.resolve(c.text("No such asset: the console was updated. Reload the page.", 404)));

app.use(async (c, next) => {
  if (SAFE_METHODS.has(c.req.method) || isOwnOrigin(c.req.raw.headers)) return next();
  return c.text("Refused: this request does not come from the console's own pages.", 403);
});

app.use(compress());

app.all("*", async (c) => {
  const nonce = randomBytes(16).toString("base64");
  const response = await build.respond(c.req.raw, { settings, nonce });
  // An asset comes with a stricter one of its own.
  if (!response.headers.has("Content-Security-Policy")) {
    response.headers.set("Content-Security-Policy", contentSecurityPolicy(nonce, c.req.header("host") ?? null));
  }
  if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "private, no-store");
  return response;
});

const server = serve({ fetch: app.fetch, hostname: settings.host, port: settings.port }, ({ address, port }) => {
  console.log(`ui: listening on http://${address}:${port}`);
});
server.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EADDRINUSE") fail(`ui: port ${settings.port} is taken. Stop what holds it or set UI_PORT.`);
  fail(`ui: ${error.message}`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    // Browsers keep connections open; nothing is lost by cutting idle ones.
    if ("closeIdleConnections" in server) server.closeIdleConnections();
    setTimeout(() => process.exit(0), 2000).unref();
  });
}

function fail(line: string): never {
  console.error(line);
  process.exit(1);
}
