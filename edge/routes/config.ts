import { Hono } from "hono";
import { SessionId } from "#protocol/batch.ts";
import { authoriseAsking } from "../caller.ts";
import type { EdgeEnv } from "../edge-env.ts";
import { readableBy } from "../origin.ts";
import { rejectionResponse } from "../rejection.ts";

/** A recorder may go by it for so long, seconds. */
const MAX_AGE = 60;

/**
 * GET /config?k=KEY: what a recorder needs to know of its project: `{ "v", "sample_rate", "recording", "retention_days",
 * "recorder" }`.
 * `recording` is false while a monthly quota is used up, except for a session that was begun before (`&session_id=`);
 * `sample_rate` is applied by protocol/sampling.ts; `recorder` is what the project asks of its recorders
 * (protocol/recorder-settings.ts).
 */
export const config = new Hono<EdgeEnv>().get("/config", async (c) => {
  const origin = c.req.header("Origin") ?? null;
  const project = await authoriseAsking(c, c.req.query("k") ?? null, origin);
  if (!project.ok) {
    const refused = project.rejection.code === "origin_not_allowed";
    return rejectionResponse(project.rejection, readableBy(refused ? null : origin));
  }
  const { project_id, sample_rate, retention_days, recorder, quota_used_up } = project.value;
  const session = SessionId.safeParse(c.req.query("session_id"));
  const recording =
    quota_used_up === null || (session.success && (await c.env.begunSessions.has(project_id, session.data)));
  return Response.json(
    { v: 1, sample_rate, recording, retention_days, recorder },
    { headers: { ...readableBy(origin), "Cache-Control": `private, max-age=${MAX_AGE}` } },
  );
});
