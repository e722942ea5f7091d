/** The console's HTTP, around React Router: headers, assets, and what a request must be to reach a page. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import type { ConsoleEnvironment } from "./app/environment.ts";
import { contentSecurityPolicy, isOwnOrigin, referrerPolicy, SECURITY_HEADERS } from "./security.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** The longest form of ours names 20,000 sessions, in 740 kB. Files go to the API itself, never through here. */
const FORM_BYTES_MAX = 1024 * 1024;

/** What `ui/build/server` exports: app/handler.server.ts. */
export interface ConsoleBuild {
  respond: (request: Request, environment: ConsoleEnvironment) => Promise<Response>;
}

/** @param folder in which the build is */
export function createConsole(
  { respond }: ConsoleBuild,
  { settings, folder }: Pick<ConsoleEnvironment, "settings"> & { folder: string },
): Hono {
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
      root: join(folder, "client"),
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

  // Pages read a form whole before they know who sends it.
  app.use(
    bodyLimit({
      maxSize: FORM_BYTES_MAX,
      onError: (c) => c.text("Refused: this is longer than any form of the console.", 413),
    }),
  );

  app.use(compress());

  app.all("*", async (c) => {
    const nonce = randomBytes(16).toString("base64");
    const response = await respond(c.req.raw, { settings, nonce });
    // An asset comes with a stricter one of its own.
    if (!response.headers.has("Content-Security-Policy")) {
      response.headers.set("Content-Security-Policy", contentSecurityPolicy(nonce, c.req.header("host") ?? null));
    }
    if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "private, no-store");
    // Hono would drop the body and leave it open, and with it what the API holds for it.
    if (c.req.method === "HEAD") await response.body?.cancel();
    return response;
  });

  return app;
}
