import { createRoute, z } from "@hono/zod-openapi";
import { personIdOf } from "../authorize.ts";
import { cursorOf, toCursor } from "../cursor.ts";
import { ProjectParams, wholeNumber } from "../parameters.ts";
import { SessionFilters } from "../queries/session-filters.ts";
import { countHidden, HiddenCounts, ListCursor, listSessions, SessionSummary } from "../queries/sessions.ts";
import { sessionsWithEvent, WITH_EVENT_MAX } from "../queries/sessions-with-event.ts";
import { watchedAmong } from "../queries/watched.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const ListedSession = SessionSummary.extend({
  watched_by_me: z.boolean().openapi({ description: "by the signed-in person; false where a key asks" }),
}).openapi("ListedSession");

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions",
  tags: ["sessions"],
  summary: "Sessions, newest first",
  description:
    "Crawlers, and the makers' own visits once there are others, are left out unless `bots` and `internal` ask for them. " +
    `By \`event\` the ${WITH_EVENT_MAX} sessions are found that had it last in the period.`,
  request: {
    params: ProjectParams,
    query: SessionFilters.extend({ limit: wholeNumber(1, 500).default(50), cursor: cursorOf(ListCursor).optional() }),
  },
  responses: {
    200: {
      description: "A page of sessions; `next_cursor` asks for the following one and is null on the last.",
      content: {
        "application/json": {
          schema: z.object({
            sessions: z.array(ListedSession),
            next_cursor: z.string().nullable(),
            hidden: HiddenCounts.optional().openapi({ description: "with the first page" }),
          }),
        },
      },
    },
    ...readRefusals,
  },
});

export function listSessionsRoute({ sql, clickhouse }: Services) {
  return newRouter().openapi(route, async (c) => {
    const { limit, cursor, ...asked } = c.req.valid("query");
    const project = c.get("project");
    const me = personIdOf(c.get("caller"));
    if (asked.watched === "me" && !me) {
      throw new Refusal("query_malformed", { issues: [{ path: "watched", message: "`me` is a signed-in person" }] });
    }
    const filters = { ...asked, me };
    const among = filters.event
      ? await sessionsWithEvent(clickhouse, project, filters.event, filters, c.req.raw.signal)
      : undefined;
    const [{ sessions, last }, hidden] = await Promise.all([
      listSessions(sql, project, filters, { limit, cursor, among }),
      cursor ? undefined : countHidden(sql, project, filters, among),
    ]);
    const ids = sessions.map(({ session_id }) => session_id);
    const watched = me ? await watchedAmong(sql, project.id, me, ids) : new Set();
    const listed = sessions.map((session) => ({ ...session, watched_by_me: watched.has(session.session_id) }));
    return c.json({ sessions: listed, next_cursor: last && toCursor(last), ...(hidden && { hidden }) }, 200);
  });
}
