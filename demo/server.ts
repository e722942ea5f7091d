/** The demo shop: `node demo/server.ts`. Its settings are in settings.ts. */
import { serve } from "@hono/node-server";
import { readSettings } from "./settings.ts";
import { shopApp } from "./shop-app.ts";

const settings = readSettings(process.env);
const server = serve(
  { fetch: shopApp(settings).fetch, hostname: settings.DEMO_HOST, port: settings.DEMO_PORT },
  ({ address, port }) => console.log(`demo: listening on http://${address}:${port}`),
);

server.on("error", (error: NodeJS.ErrnoException) => {
  const taken = error.code === "EADDRINUSE";
  console.error(taken ? `demo: port ${settings.DEMO_PORT} is taken. Set DEMO_PORT.` : `demo: ${error.message}`);
  process.exit(1);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}
