import { createRoute, z } from "@hono/zod-openapi";
import { managerOf, managersOnly } from "../authorize.ts";
import { cursorOf, toCursor } from "../cursor.ts";
import { namedPerson, PersonParams, PersonQuery } from "../named-person.ts";
import { ProjectParams, SessionIds, SessionParams, wholeNumber } from "../parameters.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import {
  countSessionsOfPerson,
  deletePerson,
  deleteSessions,
  PreviewCounts,
  Receipt,
  receipts,
  SessionOfPerson,
  SessionOfPersonCursor,
  sessionsOfPerson,
  sessionsToDelete,
} from "../queries/deletions.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, problemContent, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const ReceiptParams = ProjectParams.extend({ receipt_id: z.guid() });

const receiptContent = { "application/json": { schema: Receipt } };

const sessionRoute = createRoute({
  method: "delete",
  path: "/v1/projects/{project_id}/sessions/{session_id}",
  tags: ["deletion"],
  summary: "Delete a session for good",
  description:
    "For owners and admins. It is gone from every read at once, from every table soon; no late copy brings it back.",
  request: { params: SessionParams },
  responses: { 202: { description: "The receipt", content: receiptContent }, ...readRefusals },
});

const bulkRoute = createRoute({
  method: "post",
  path: "/v1/projects/{project_id}/sessions/delete",
  tags: ["deletion"],
  summary: "Delete up to 1,000 sessions for good",
  description: "For owners and admins. As one by one, and cheaper: their rows are taken away together.",
  middleware: managersOnly,
  request: {
    params: ProjectParams,
    body: {
      required: true,
      content: { "application/json": { schema: z.strictObject({ session_ids: SessionIds }) } },
    },
  },
  responses: {
    202: {
      description: "A receipt each, and those of the sessions that this project does not have",
      content: {
        "application/json": { schema: z.object({ receipts: z.array(Receipt), not_found: z.array(z.string()) }) },
      },
    },
    ...readRefusals,
  },
});

/** Others may be named a hundred times in each. */
const PREVIEWED_MAX = 1_000;

const previewRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/users/{user_id}/data",
  tags: ["deletion"],
  summary: "What deleting a person would take: their sessions, and who else used those",
  request: {
    params: PersonParams,
    query: PersonQuery.extend({
      limit: wholeNumber(1, PREVIEWED_MAX).default(PREVIEWED_MAX),
      cursor: cursorOf(SessionOfPersonCursor).optional(),
    }),
  },
  responses: {
    200: {
      description: "By session id: a page, and the counts of all",
      content: {
        "application/json": {
          schema: PreviewCounts.extend({ sessions: z.array(SessionOfPerson), next_cursor: z.string().nullable() }),
        },
      },
    },
    ...readRefusals,
  },
});

const personRoute = createRoute({
  method: "delete",
  path: "/v1/projects/{project_id}/users/{user_id}/data",
  tags: ["deletion"],
  summary: "Delete every session that showed a person",
  description:
    "For owners and admins. A user id comes with a public write key: look first at what would be taken. Sessions that " +
    "show the person in a batch received before this request are deleted whenever they come, whole, also where others " +
    "used them. With `shared=refuse` nothing is deleted where any of those that are there shows somebody else too.",
  request: {
    params: PersonParams,
    query: PersonQuery.extend({ shared: z.enum(["delete", "refuse"]).default("delete") }),
  },
  responses: {
    202: { description: "The receipt", content: receiptContent },
    409: { description: "`shared=refuse`, and how many sessions others used", content: problemContent },
    ...readRefusals,
  },
});

const listRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/deletions",
  tags: ["deletion"],
  summary: "Receipts, newest first",
  request: { params: ProjectParams, query: z.object({ limit: wholeNumber(1, 500).default(50) }) },
  responses: {
    200: {
      description: "The receipts",
      content: { "application/json": { schema: z.object({ receipts: z.array(Receipt) }) } },
    },
    ...readRefusals,
  },
});

const oneRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/deletions/{receipt_id}",
  tags: ["deletion"],
  summary: "One receipt",
  request: { params: ReceiptParams },
  responses: { 200: { description: "The receipt", content: receiptContent }, ...readRefusals },
});

export function deletionRoutes({ sql, clickhouse, settings }: Services) {
  const receiptOf = async (projectId: number, id: string): Promise<Receipt> => {
    const [receipt] = await receipts(sql, projectId, settings.STREAM_KEPT_H, { ids: [id], limit: 1 });
    if (!receipt) throw new Refusal("not_found");
    return receipt;
  };
  return newRouter()
    .openapi(sessionRoute, async (c) => {
      const project = c.get("project");
      const { person } = managerOf(c.get("caller"), project);
      const { session_id } = c.req.valid("param");
      const [made] = await deleteSessions(sql, project.id, [session_id], person.id);
      if (!made) throw new Refusal("not_found", { detail: "this project has no such session" });
      const done = { projectId: project.id, action: "session.deleted", target: session_id } as const;
      await recordAudit(sql, actorOf(c.get("caller")), done);
      return c.json(await receiptOf(project.id, made.id), 202);
    })
    .openapi(bulkRoute, async (c) => {
      const project = c.get("project");
      const { person } = managerOf(c.get("caller"), project);
      const { session_ids } = c.req.valid("json");
      const made = await deleteSessions(sql, project.id, session_ids, person.id);
      if (made.length === 0) throw new Refusal("not_found", { detail: "this project has none of these sessions" });
      const actor = actorOf(c.get("caller"));
      for (const { session_id } of made) {
        await recordAudit(sql, actor, { projectId: project.id, action: "session.deleted", target: session_id });
      }
      const ids = made.map(({ id }) => id);
      const known = new Set(made.map(({ session_id }) => session_id));
      return c.json(
        {
          receipts: await receipts(sql, project.id, settings.STREAM_KEPT_H, { ids, limit: ids.length }),
          not_found: session_ids.filter((session) => !known.has(session)),
        },
        202,
      );
    })
    .openapi(previewRoute, async (c) => {
      const { limit, cursor, ...named } = c.req.valid("query");
      const person = { projectId: c.get("project").id, userId: namedPerson(c.req.valid("param"), named) };
      const [{ sessions, last }, counts] = await Promise.all([
        sessionsOfPerson(clickhouse, person, { limit, cursor }, c.req.raw.signal),
        countSessionsOfPerson(clickhouse, person, c.req.raw.signal),
      ]);
      return c.json({ ...counts, sessions, next_cursor: last && toCursor(last) }, 200);
    })
    .openapi(personRoute, async (c) => {
      const project = c.get("project");
      const { person } = managerOf(c.get("caller"), project);
      const { shared, ...named } = c.req.valid("query");
      const user_id = namedPerson(c.req.valid("param"), named);
      const found = await sessionsToDelete(clickhouse, { projectId: project.id, userId: user_id }, c.req.raw.signal);
      const sessionIds = found.map(({ session_id }) => session_id);
      const withOthers = found.filter(({ is_shared }) => is_shared).length;
      if (shared === "refuse" && withOthers > 0) {
        const detail = `${withOthers} of ${found.length} sessions show others too: GET of the same names them`;
        throw new Refusal("conflict", { detail });
      }
      const id = await deletePerson(sql, project.id, user_id, { sessionIds, personId: person.id });
      // The log is kept: it names the receipt and not the person, whose data are to go.
      const done = { projectId: project.id, action: "person.deleted", target: id } as const;
      await recordAudit(sql, actorOf(c.get("caller")), {
        ...done,
        detail: { sessions: sessionIds.length, shared: withOthers },
      });
      return c.json(await receiptOf(project.id, id), 202);
    })
    .openapi(listRoute, async (c) => {
      const { limit } = c.req.valid("query");
      return c.json({ receipts: await receipts(sql, c.get("project").id, settings.STREAM_KEPT_H, { limit }) }, 200);
    })
    .openapi(oneRoute, async (c) => c.json(await receiptOf(c.get("project").id, c.req.valid("param").receipt_id), 200));
}
