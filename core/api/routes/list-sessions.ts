import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { personIdOf } from "../authorize.ts";
import { cursorOf, toCursor } from "../cursor.ts";
import { ProjectParams, SessionParams, wholeNumber } from "../parameters.ts";
import { askConditions, findSessions, type Search, type Told } from "../queries/find-sessions.ts";
import { Facets, facetsOf } from "../queries/session-facets.ts";
import { filtersWith, type SessionFilters } from "../queries/session-filters.ts";
import { isOf, ListCursor, SORTS } from "../queries/session-order.ts";
import { countHidden, countListed, HiddenCounts, placeOfSession, SessionSummary } from "../queries/sessions.ts";
import { watchedAmong } from "../queries/watched.ts";
import { Refusal } from "../refusal.ts";
import { type ApiEnv, newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

/** Counting goes no further. */
const COUNTED_MAX = 100_000;
/** Where ClickHouse has to pick from what Postgres lists. */
const PICKED_MAX = 2_000;
const FACETED_MAX = 10_000;
const FACET_VALUES_MAX = 10;

const sort = z.enum(SORTS).default("newest").openapi({
  description:
    "greatest first; most_active by active_ms, longest by duration. What goes on may move in all but `newest`",
});

const ListQuery = filtersWith({
  sort,
  limit: wholeNumber(1, 500).default(50),
  cursor: cursorOf(ListCursor).optional(),
}).superRefine(({ cursor, sort }, context) => {
  if (cursor && !isOf(cursor, sort)) {
    context.addIssue({ code: "custom", path: ["cursor"], message: "of a list in another order" });
  }
});

const ListedSession = SessionSummary.extend({
  watched_by_me: z.boolean().openapi({ description: "by the signed-in person; false where a key asks" }),
}).openapi("ListedSession");

const listRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions",
  tags: ["sessions"],
  summary: "Sessions, newest first",
  description:
    "Crawlers, and the makers' own visits once there are others, are left out unless `bots` and `internal` ask for them. " +
    "Filters hold together. Where what they look for is rare among very many sessions, a page may be shorter than `limit`, " +
    "or empty, and `next_cursor` goes on from there.",
  request: { params: ProjectParams, query: ListQuery },
  responses: {
    200: {
      description: "A page of sessions; `next_cursor` asks for the following one and is null on the last.",
      content: {
        "application/json": {
          schema: z.object({
            sessions: z.array(ListedSession),
            next_cursor: z.string().nullable(),
            hidden: HiddenCounts.optional().openapi({
              description: "with the first page, unless too many events would have to be looked through for it",
            }),
          }),
        },
      },
    },
    ...readRefusals,
  },
});

const exact = z.boolean().openapi({ description: "false: there are more than those" });

const countRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/count",
  tags: ["sessions"],
  summary: "How many sessions a list has",
  request: { params: ProjectParams, query: filtersWith({}) },
  responses: {
    200: {
      description: `Up to ${COUNTED_MAX}`,
      content: { "application/json": { schema: z.object({ count: z.int(), exact }) } },
    },
    ...readRefusals,
  },
});

const facetsRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/facets",
  tags: ["sessions"],
  summary: "What the sessions of a list have in common",
  description: `Of the newest ${FACETED_MAX} at most; of each kind the ${FACET_VALUES_MAX} values that most of them have.`,
  request: { params: ProjectParams, query: filtersWith({}) },
  responses: {
    200: {
      description: "Values by kind, and of how many sessions they are",
      content: {
        "application/json": {
          schema: z.object({ sessions: z.int(), exact, facets: Facets }),
        },
      },
    },
    ...readRefusals,
  },
});

const neighboursRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/neighbours",
  tags: ["sessions"],
  summary: "The sessions before and after one in a list",
  description: "The session itself need not be in the list: it is looked around from where it would stand.",
  request: { params: SessionParams, query: filtersWith({ sort }) },
  responses: {
    200: {
      description: "Ids; null at the list's ends, and where none was found in the time that a page of it may take",
      content: {
        "application/json": { schema: z.object({ previous: z.string().nullable(), next: z.string().nullable() }) },
      },
    },
    ...readRefusals,
  },
});

export function listSessionsRoutes(services: Services) {
  const { sql } = services;
  const searchOf = (c: Context<ApiEnv>, filters: SessionFilters): Search => {
    const me = personIdOf(c.get("caller"));
    if (filters.watched === "me" && !me) {
      throw new Refusal("query_malformed", { issues: [{ path: "watched", message: "`me` is a signed-in person" }] });
    }
    return { services, project: c.get("project"), filters: { ...filters, me }, caller: c.req.raw.signal };
  };
  return newRouter()
    .openapi(listRoute, async (c) => {
      const { limit, cursor, sort, ...filters } = c.req.valid("query");
      const search = searchOf(c, filters);
      const told = await askConditions(search, cursor);
      const [{ sessions, last }, hidden] = await Promise.all([
        findSessions(search, told, { sort, limit, cursor }),
        cursor || told.kind === "many" ? undefined : countHidden(sql, search.project, search.filters, idsOf(told)),
      ]);
      const ids = sessions.map(({ session_id }) => session_id);
      const { me } = search.filters;
      const watched = me ? await watchedAmong(sql, search.project.id, me, ids) : new Set();
      const listed = sessions.map((session) => ({ ...session, watched_by_me: watched.has(session.session_id) }));
      return c.json({ sessions: listed, next_cursor: last && toCursor(last), ...(hidden && { hidden }) }, 200);
    })
    .openapi(countRoute, async (c) => {
      const search = searchOf(c, c.req.valid("query"));
      const told = await askConditions(search);
      if (told.kind === "many") {
        const { sessions, last } = await findSessions(search, told, { sort: "newest", limit: PICKED_MAX });
        return c.json({ count: sessions.length, exact: last === null }, 200);
      }
      const count = await countListed(sql, search.project, search.filters, {
        most: COUNTED_MAX + 1,
        among: idsOf(told),
      });
      return c.json({ count: Math.min(count, COUNTED_MAX), exact: count <= COUNTED_MAX }, 200);
    })
    .openapi(facetsRoute, async (c) => {
      const search = searchOf(c, c.req.valid("query"));
      const told = await askConditions(search);
      const picked =
        told.kind === "many" ? await findSessions(search, told, { sort: "newest", limit: PICKED_MAX }) : undefined;
      const among = picked ? picked.sessions.map(({ session_id }) => session_id) : idsOf(told);
      const most = FACETED_MAX + 1;
      const { sessions, facets } = await facetsOf(sql, search.project, search.filters, {
        most,
        values: FACET_VALUES_MAX,
        among,
      });
      const isExact = picked ? picked.last === null : sessions < most;
      return c.json({ sessions, exact: isExact, facets }, 200);
    })
    .openapi(neighboursRoute, async (c) => {
      const { sort, ...filters } = c.req.valid("query");
      const search = searchOf(c, filters);
      const cursor = await placeOfSession(sql, search.project, c.req.valid("param").session_id, sort);
      if (!cursor) throw new Refusal("not_found", { detail: "this project has no such session" });
      const told = await askConditions(search);
      const nearest = async (back: boolean) => {
        const { sessions } = await findSessions(search, told, { sort, limit: 1, cursor, back });
        return sessions[0]?.session_id ?? null;
      };
      const [previous, next] = await Promise.all([nearest(true), nearest(false)]);
      return c.json({ previous, next }, 200);
    });
}

function idsOf(told: Told): readonly string[] | undefined {
  return told.kind === "few" ? told.ids : undefined;
}
