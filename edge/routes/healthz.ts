import { Hono } from "hono";
import type { EdgeEnv } from "../edge-env.ts";
import { readPlace } from "../place.ts";
import { relayHealth } from "../relay/client.ts";

/**
 * GET /healthz: 200 while a batch that came here now could be made durable, else 503. Asks the relays of the caller's
 * continent: `{ "status": "ok" | "failing", "relays": [{ "name", "connected", "refusing" }] }`.
 */
export const healthz = new Hono<EdgeEnv>().get("/healthz", async (c) => {
  const relays = await relayHealth(c.var.settings, readPlace(c.req.raw));
  const ok = relays.every(({ connected, refusing }) => connected && refusing === null);
  c.header("Cache-Control", "no-store");
  return c.json({ status: ok ? "ok" : "failing", relays }, ok ? 200 : 503);
});
