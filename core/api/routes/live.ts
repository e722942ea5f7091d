import { createRoute, z } from "@hono/zod-openapi";
import { mayStillRead } from "../authorize.ts";
import type { Caller } from "../caller.ts";
import { Feeds } from "../live/feeds.ts";
import { GivenCursor } from "../live/given.ts";
import { beginning, watch } from "../live/watch.ts";
import { ProjectParams, SessionParams, wholeNumber } from "../parameters.ts";
import { streamOf } from "../playback/render.ts";
import { actorOf, recordWatched } from "../queries/audit.ts";
import { liveSessions } from "../queries/live-sessions.ts";
import { SessionSummary, sessionOrNotFound } from "../queries/sessions.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, problemContent, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const LIMIT = { default: 50, max: 200 };

const STREAM_HEADERS = { "content-type": "text/event-stream", "x-accel-buffering": "no" };

const Live = z.object({ sessions: z.array(SessionSummary) }).openapi("LiveSessions");

const listRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/live",
  tags: ["live"],
  summary: "Sessions in progress",
  description:
    "Those of which something came in the last minute and whose end has not: the latest first. " +
    "Crawlers are left out; sessions of the site in the making are there.",
  request: { params: ProjectParams, query: z.object({ limit: wholeNumber(1, LIMIT.max).optional() }) },
  responses: {
    200: { description: "The sessions", content: { "application/json": { schema: Live } } },
    ...readRefusals,
  },
});

const streamRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/live",
  tags: ["live"],
  summary: "One session's new events, as they come",
  description:
    "Server-sent events. `batch` is a batch of a window, each once: a line of JSON, " +
    '`{ "window_id", "seq", "events": […] }`, its events as they were sent. Its `id` says what was given until then: ' +
    "with it as `Last-Event-ID`, as browsers send it when they connect anew, or as `cursor`, the stream goes on without " +
    "loss or doubling. Without it the stream begins, in each window that goes on, at the last full snapshot. " +
    'Within a window a batch may come after later ones; `seq` gives the order of play. `end`, `{ "why" }`, is the last: ' +
    "`ended`, `deleted`, or `not_permitted` once the caller may not read the project any more. A stream that ends without it goes on where it is asked for again. " +
    "Comments come every ten seconds.",
  request: {
    params: SessionParams,
    query: z.object({ cursor: GivenCursor.optional() }),
    headers: z.object({ "last-event-id": GivenCursor.optional() }),
  },
  responses: {
    200: { description: "The stream", content: { "text/event-stream": { schema: z.string() } } },
    429: { description: "Too many streams of this caller, or of this project, are open", content: problemContent },
    ...readRefusals,
  },
});

export function liveRoutes(services: Services) {
  const { sql } = services;
  const feeds = new Feeds(services);
  return newRouter()
    .openapi(listRoute, async (c) => {
      const { limit = LIMIT.default } = c.req.valid("query");
      return c.json({ sessions: await liveSessions(sql, c.get("project"), limit) }, 200);
    })
    .openapi(streamRoute, async (c) => {
      const project = c.get("project");
      const { key } = await sessionOrNotFound(sql, project, c.req.valid("param").session_id);
      // Who asks for the headers alone watches nothing.
      if (c.req.method === "HEAD") return c.body(null, 200, STREAM_HEADERS);
      const given = c.req.valid("header")["last-event-id"] ?? c.req.valid("query").cursor;
      const { feed, leave } = feeds.enter(project, key, nameOf(c.get("caller")));
      const gone = new AbortController();
      const caller = AbortSignal.any([c.req.raw.signal, gone.signal, services.stopping]);
      // The process's own signal outlives every stream: what still listens to it would be kept for as long.
      const ended = () => {
        caller.removeEventListener("abort", ended);
        leave();
      };
      caller.addEventListener("abort", ended);
      try {
        const look = await feed.look();
        if (look === null) throw new Refusal("not_found", { detail: "this project has no such session" });
        await recordWatched(sql, actorOf(c.get("caller")), {
          projectId: key.project_id,
          action: "session.played",
          target: key.session_id,
        });
        const begin = given ? { given, parts: new Map() } : beginning(look);
        const messages = watch(feed, begin, () => mayStillRead(c, services), caller);
        const body = await streamOf(until(messages, ended), () => gone.abort());
        return c.body(body, 200, STREAM_HEADERS);
      } catch (error) {
        ended();
        throw error;
      }
    });
}

/** Whose streams are counted together. */
function nameOf(caller: Caller): string {
  if (caller.kind === "person") return caller.session.person.id;
  return caller.kind === "key" ? `key of ${caller.projectId}` : caller.kind;
}

async function* until(messages: AsyncGenerator<Uint8Array, void>, ended: () => void): AsyncGenerator<Uint8Array, void> {
  try {
    yield* messages;
  } finally {
    ended();
  }
}
