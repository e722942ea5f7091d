import { createRoute, z } from "@hono/zod-openapi";
import { personOf, personsOnly } from "../authorize.ts";
import { SessionMs, SessionParams } from "../parameters.ts";
import { sessionOrNotFound } from "../queries/sessions.ts";
import { markWatched, unmarkWatched, Watched, watchersOf } from "../queries/watched.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/sessions/{session_id}/watched";
const watchedContent = { "application/json": { schema: z.object({ watched: z.array(Watched) }) } };

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["watching"],
  summary: "Who has watched a session, the latest first",
  request: { params: SessionParams },
  responses: { 200: { description: "Each person once", content: watchedContent }, ...readRefusals },
});

const markRoute = createRoute({
  method: "post",
  path: PATH,
  tags: ["watching"],
  summary: "Mark a session as watched by the signed-in person, up to a moment of it",
  description: "For every role. Who has been further stays so.",
  middleware: personsOnly,
  request: {
    params: SessionParams,
    body: { required: true, content: { "application/json": { schema: z.strictObject({ at_ms: SessionMs }) } } },
  },
  responses: { 200: { description: "Who has watched it now", content: watchedContent }, ...readRefusals },
});

const unmarkRoute = createRoute({
  method: "delete",
  path: PATH,
  tags: ["watching"],
  summary: "Take the signed-in person's own mark away",
  middleware: personsOnly,
  request: { params: SessionParams },
  responses: { 204: { description: "It is as if they had not watched it" }, ...readRefusals },
});

export function watchedRoutes({ sql }: Services) {
  return newRouter()
    .openapi(listRoute, async (c) => {
      const { key } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
      return c.json({ watched: await watchersOf(sql, key) }, 200);
    })
    .openapi(markRoute, async (c) => {
      const { person } = personOf(c.get("caller"));
      const { key } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
      await markWatched(sql, key, person.id, c.req.valid("json").at_ms);
      return c.json({ watched: await watchersOf(sql, key) }, 200);
    })
    .openapi(unmarkRoute, async (c) => {
      const { person } = personOf(c.get("caller"));
      const { key } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
      await unmarkWatched(sql, key, person.id);
      return c.body(null, 204);
    });
}
