import { Hono } from "hono";
import type { EdgeEnv } from "../edge-env.ts";
import { readPlace } from "../place.ts";
import { knownRelays, relayHealth } from "../relay/client.ts";

/**
 * GET /healthz: 200 while a batch that came here now could be made durable somewhere, else 503. Asks the relays of the
 * caller's continent (`here`), and every other that may hold batches:
 * `{ "status", "registry", "relays": [{ "name", "here", "connected", "refusing", "breaker", "spooled_batches",
 * "spooled_bytes", "oldest_age_ms", "stuck", "spool_full" }] }`. `status` is `ok` while each of those `here` reaches the
 * stream, `spooling` while one does not and has room, `failing` where one has neither. `registry` is `silent` when the
 * others could not be found out.
 */
export const healthz = new Hono<EdgeEnv>().get("/healthz", async (c) => {
  const { relays: known, registry } = await knownRelays(c.env.settings, readPlace(c.req.raw));
  const relays = await relayHealth(c.env.settings, known);
  const here = relays.filter(({ here }) => here);
  const reachesStream = here.map(
    ({ connected, refusing, breaker }) => connected && refusing === null && breaker === "closed",
  );
  const failing = here.some(({ spool_full }, i) => spool_full && !reachesStream[i]);
  const status = failing ? "failing" : reachesStream.every(Boolean) ? "ok" : "spooling";
  c.header("Cache-Control", "no-store");
  return c.json({ status, registry, relays }, failing ? 503 : 200);
});
