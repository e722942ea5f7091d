/** The original project's two ways to read, kept for the programs that use them. The key may stand in the query. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { SessionId } from "#protocol/batch.ts";
import { readableProjects } from "../authorize.ts";
import { bearer, type Caller, callerOfKey } from "../caller.ts";
import { wholeNumber } from "../parameters.ts";
import { playStretch } from "../playback/play-stretch.ts";
import { replay, streamOf } from "../playback/render.ts";
import { playOrderOf } from "../queries/attempts.ts";
import { actorOf, recordWatched } from "../queries/audit.ts";
import type { Project } from "../queries/projects.ts";
import { ALL_SESSIONS } from "../queries/session-filters.ts";
import { listSessions, SessionSummary, sessionOrNotFound } from "../queries/sessions.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";
import { asTyped } from "../typed-stream.ts";

const read_key = z.string().max(256).optional().openapi({ description: "or `Authorization: Bearer`" });

const sessionsRoute = createRoute({
  method: "get",
  path: "/sessions",
  tags: ["original"],
  summary: "A project's sessions, newest first",
  request: { query: z.object({ read_key, limit: wholeNumber(1, 500).default(50) }) },
  responses: {
    200: {
      description: "The newest ones",
      content: {
        "application/json": { schema: z.object({ sessions: z.array(SessionSummary) }) },
      },
    },
    ...readRefusals,
  },
});

const Replay = z.object({ session_id: z.string(), events: z.array(z.looseObject({})) }).openapi("Replay");

const replayRoute = createRoute({
  method: "get",
  path: "/replay",
  tags: ["original"],
  summary: "All events of a session in play order",
  request: { query: z.object({ read_key, session_id: SessionId }) },
  responses: {
    200: { description: "The recording", content: { "application/json": { schema: Replay } } },
    ...readRefusals,
  },
});

export function originalRoutes(services: Services) {
  const { sql, clickhouse } = services;
  return newRouter()
    .openapi(sessionsRoute, async (c) => {
      const { read_key, limit } = c.req.valid("query");
      const { project } = await readerOf(services, c, read_key);
      const page = await listSessions(sql, project, ALL_SESSIONS, { sort: "newest", limit });
      return c.json({ sessions: page.sessions }, 200);
    })
    .openapi(replayRoute, async (c) => {
      const { read_key, session_id } = c.req.valid("query");
      const { caller: reader, project } = await readerOf(services, c, read_key);
      const { key } = await sessionOrNotFound(sql, project, session_id);
      await recordWatched(sql, actorOf(reader), {
        projectId: project.id,
        action: "session.played",
        target: session_id,
      });
      const leave = new AbortController();
      const caller = AbortSignal.any([c.req.raw.signal, leave.signal]);
      const order = await playOrderOf(clickhouse, key, caller);
      const { events } = playStretch({ clickhouse, session: key, caller }, order, {});
      const body = await streamOf(replay(events, session_id), () => leave.abort());
      return asTyped(c.body(body, 200, { "content-type": "application/json", "cache-control": "private, no-cache" }));
    });
}

/** Whose the read key is, and its project, wherever the key stands. */
async function readerOf(
  services: Services,
  c: Context,
  inQuery: string | undefined,
): Promise<{ caller: Caller; project: Project }> {
  const key = bearer(c) ?? inQuery;
  if (!key) throw new Refusal("key_missing", { detail: "send read_key, or Authorization: Bearer" });
  const caller = await callerOfKey(services, key);
  const [project] = await readableProjects(services.sql, caller);
  if (!project) throw new Refusal("key_unknown");
  return { caller, project };
}
