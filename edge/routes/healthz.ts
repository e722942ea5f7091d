import { Hono } from "hono";
import type { EdgeEnv } from "../edge-env.ts";
import { readPlace } from "../place.ts";
import { relayHealth } from "../relay/client.ts";

/**
 * GET /healthz: 200 while a batch that came here now could be made durable somewhere, else 503. Asks the relays of the
 * caller's continent: `{ "status", "relays": [{ "name", "connected", "refusing", "breaker", "spooled_batches",
 * "spooled_bytes", "oldest_age_ms", "stuck", "spool_full" }] }`. `status` is `ok` while each of them reaches the stream,
 * `spooling` while one does not and has room, `failing` where one has neither.
 */
export const healthz = new Hono<EdgeEnv>().get("/healthz", async (c) => {
  const relays = await relayHealth(c.env.settings, readPlace(c.req.raw));
  const reachesStream = relays.map(
    ({ connected, refusing, breaker }) => connected && refusing === null && breaker === "closed",
  );
  const failing = relays.some(({ spool_full }, i) => spool_full && !reachesStream[i]);
  const status = failing ? "failing" : reachesStream.every(Boolean) ? "ok" : "spooling";
  c.header("Cache-Control", "no-store");
  return c.json({ status, relays }, failing ? 503 : 200);
});
