import { createRoute, z } from "@hono/zod-openapi";
import { managersOnly } from "../authorize.ts";
import { cursorOf, toCursor } from "../cursor.ts";
import { End, Instant, ProjectParams, text, wholeNumber } from "../parameters.ts";
import { AUDIT_ACTIONS, AuditCursor, AuditEntry, listAudit } from "../queries/audit.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const listRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/audit",
  tags: ["projects"],
  summary: "Who did what in the project, and who looked at which recording, newest first",
  description:
    "For owners and admins. `session.opened` and `session.played` have an entry an hour for each person (or read key) and session.",
  middleware: managersOnly,
  request: {
    params: ProjectParams,
    query: z.object({
      actor: z.guid().optional().openapi({ description: "the id of a person, or of a key" }),
      action: z.enum(AUDIT_ACTIONS).optional(),
      target: text.optional().openapi({ description: "for example a session's id" }),
      from: Instant.optional(),
      to: End.optional().openapi({ description: "exclusive" }),
      limit: wholeNumber(1, 500).default(50),
      cursor: cursorOf(AuditCursor).optional(),
    }),
  },
  responses: {
    200: {
      description: "A page; `next_cursor` asks for the following one and is null on the last.",
      content: {
        "application/json": { schema: z.object({ entries: z.array(AuditEntry), next_cursor: z.string().nullable() }) },
      },
    },
    ...readRefusals,
  },
});

export function auditRoute({ sql }: Services) {
  return newRouter().openapi(listRoute, async (c) => {
    const { limit, cursor, ...filters } = c.req.valid("query");
    const { entries, last } = await listAudit(sql, c.get("project").id, filters, { limit, cursor });
    return c.json({ entries, next_cursor: last && toCursor(last) }, 200);
  });
}
