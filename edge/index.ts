import { Hono } from "hono";
import type { EdgeEnv, Isolate } from "./edge-env.ts";
import { type Bindings, readSettings, type Settings } from "./env.ts";
import { registryClient } from "./registry/client.ts";
import { Registry } from "./registry/durable-object.ts";
import { rejectionResponse } from "./rejection.ts";
import { Courier, FLAG } from "./relay/courier.ts";
import { Relay } from "./relay/durable-object.ts";
import { config } from "./routes/config.ts";
import { healthz } from "./routes/healthz.ts";
import { analytics, ingest } from "./routes/ingest.ts";
import { metrics } from "./routes/metrics.ts";
import { addressesForGood, sdkScript } from "./routes/sdk-script.ts";
import { BegunSessions } from "./settings/begun-sessions.ts";
import { httpCore } from "./settings/core.ts";
import { Keys } from "./settings/keys.ts";

/** Made by the first request of an isolate: what is bound is not known before. */
let started: { app: Hono<EdgeEnv>; isolate: Isolate } | null = null;

function start(bindings: unknown): { app: Hono<EdgeEnv>; isolate: Isolate } {
  const settings = readSettings(bindings);
  const core = httpCore(settings.CORE_URL, settings.EDGE_SECRET, settings.CORE_TIMEOUT_MS);
  const courier = new Courier(settings.PUBLISH_BUDGET_MS, Cloudflare.compatibilityFlags[FLAG] === true);
  const keys = new Keys(core, registryClient(settings));
  return { app: routes(settings), isolate: { settings, keys, begunSessions: new BegunSessions(core), courier } };
}

function routes({ INGEST_PATH, EVENTS_PATH, SCRIPT_PATH }: Settings): Hono<EdgeEnv> {
  const scriptPaths = ["/rrhog.js", SCRIPT_PATH];
  const app = new Hono<EdgeEnv>();
  app.route("/", ingest(["/i", INGEST_PATH]));
  app.route("/", analytics(["/e", EVENTS_PATH]));
  app.route("/", sdkScript(scriptPaths));
  app.route("/", config);
  app.route("/", healthz);
  app.route("/", metrics);
  /** The methods of each path, for those who use another. */
  const methods = new Map([
    ...["/i", INGEST_PATH, "/e", EVENTS_PATH].map((path) => [path, "POST, OPTIONS"] as const),
    ...[...scriptPaths, ...addressesForGood(scriptPaths).keys(), "/config", "/healthz", "/metrics"].map(
      (path) => [path, "GET, HEAD"] as const,
    ),
  ]);
  app.notFound((c) => {
    const allow = methods.get(c.req.path);
    return allow
      ? rejectionResponse({ code: "method_not_allowed" }, { Allow: allow })
      : rejectionResponse({ code: "not_found" });
  });
  app.onError((error) => {
    console.error(JSON.stringify({ part: "edge", event: "failed", error: error.name, message: error.message }));
    return rejectionResponse({ code: "internal" });
  });
  return app;
}

/** The runtime makes its Durable Objects of this module's exports. */
export { Registry, Relay };
export default {
  fetch(request, bindings, context) {
    started ??= start(bindings);
    return started.app.fetch(request, started.isolate, context);
  },
} satisfies ExportedHandler<Bindings>;
