import { Hono } from "hono";
import type { EdgeEnv } from "./edge-env.ts";
import { readSettings, type Settings } from "./env.ts";
import { registryClient } from "./registry/client.ts";
import { Registry } from "./registry/durable-object.ts";
import { rejectionResponse } from "./rejection.ts";
import { Relay } from "./relay/durable-object.ts";
import { healthz } from "./routes/healthz.ts";
import { ingest } from "./routes/ingest.ts";
import { metrics } from "./routes/metrics.ts";
import { sdkScript } from "./routes/sdk-script.ts";
import { httpCore } from "./settings/core.ts";
import { Keys } from "./settings/keys.ts";

/** What an isolate keeps between requests. */
let isolate: { settings: Settings; keys: Keys } | null = null;

function startIsolate(bindings: unknown): { settings: Settings; keys: Keys } {
  const settings = readSettings(bindings);
  const core = httpCore(settings.CORE_URL, settings.EDGE_SECRET, settings.CORE_TIMEOUT_MS);
  return { settings, keys: new Keys(core, registryClient(settings)) };
}

/** The methods of each path, for those who use another. */
const METHODS = { "/i": "POST, OPTIONS", "/rrhog.js": "GET, HEAD", "/healthz": "GET, HEAD", "/metrics": "GET, HEAD" };

const app = new Hono<EdgeEnv>();

app.use(async (c, next) => {
  isolate ??= startIsolate(c.env);
  c.set("settings", isolate.settings);
  c.set("keys", isolate.keys);
  await next();
});

app.route("/", ingest);
app.route("/", sdkScript);
app.route("/", healthz);
app.route("/", metrics);
for (const [path, allow] of Object.entries(METHODS)) {
  app.all(path, () => rejectionResponse({ code: "method_not_allowed" }, { Allow: allow }));
}

app.notFound(() => rejectionResponse({ code: "not_found" }));
app.onError((error) => {
  console.error(JSON.stringify({ part: "edge", event: "failed", error: error.name, message: error.message }));
  return rejectionResponse({ code: "internal" });
});

/** The runtime makes its Durable Objects of this module's exports. */
export { Registry, Relay };
export default app;
