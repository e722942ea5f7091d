/** The console: React Router's request handler in a Hono server. Wiring only; the pages are in app/. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { type ConsoleBuild, createConsole } from "./console.ts";
import { readSettings } from "./settings.ts";

const BUILD = join(import.meta.dirname, "build");

const read = readSettings(process.env);
if (!read.ok) fail(read.error);
const { settings } = read;

const buildFile = join(BUILD, "server", "index.js");
if (!existsSync(buildFile)) fail("ui: there is no build. Run: npm run build:ui");
const build: ConsoleBuild = await import(buildFile);

const app = createConsole(build, { settings, folder: BUILD });
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
