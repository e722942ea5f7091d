import { createHash } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { membersOnly } from "../authorize.ts";
import { ProjectParams, prose } from "../parameters.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import { sessionsBeingDeleted } from "../queries/deletions.ts";
import { newRouter, problemContent, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";
import { ROWS_MAX, SqlResult, sqlRunner } from "../sql/run-query.ts";
import { TIME_MAX_S } from "../sql/running-queries.ts";

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const Query = z
  .strictObject({
    query: prose(12_000).openapi({
      description: "one SELECT of ClickHouse, without FORMAT: the tables are described in docs/sql.md",
      example:
        "SELECT event_name, count() AS n FROM events WHERE ts > now() - INTERVAL 1 DAY GROUP BY 1 ORDER BY n DESC",
    }),
    parameters: z
      .record(
        z.string().regex(/^[A-Za-z]\w{0,63}$/, "a name"),
        z.union([value, z.array(z.union([z.string(), z.number()])).max(1_000)]),
      )
      .default({})
      .openapi({ description: "values of `{name: Type}` in the query", example: { name: "bought" } }),
  })
  .openapi("SqlQuery");

const route = createRoute({
  method: "post",
  path: "/v1/projects/{project_id}/sql",
  tags: ["sql"],
  summary: "A SELECT of one's own over the project's rows",
  description:
    "For members and up. The engine shows the project's own rows only, each once, without deleted sessions, and ends a " +
    `query after ${TIME_MAX_S} s. Two of a project run at a time.`,
  middleware: membersOnly,
  request: { params: ProjectParams, body: { content: { "application/json": { schema: Query } }, required: true } },
  responses: {
    200: {
      description: `The first ${ROWS_MAX} rows`,
      content: { "application/json": { schema: SqlResult } },
    },
    ...readRefusals,
    400: {
      description: "`sql_refused`: the engine does not take this query, in its own words; or the body is malformed",
      content: problemContent,
    },
    422: { description: "`sql_over_limit`: it asks for more than a query may take", content: problemContent },
    429: { description: "Other queries of the project are running", content: problemContent },
  },
});

export function sqlRoute({ sql, clickhouse, settings }: Services) {
  const run = sqlRunner(clickhouse, settings);
  return newRouter().openapi(route, async (c) => {
    const project = c.get("project");
    const { query, parameters } = c.req.valid("json");
    // Not its text: that may name whom it looks for.
    const target = createHash("sha256").update(query).digest("hex");
    await recordAudit(sql, actorOf(c.get("caller")), { projectId: project.id, action: "sql.run", target });
    const deleted = await sessionsBeingDeleted(sql, project.id);
    return c.json(await run({ ...project, deleted }, query, parameters, c.req.raw.signal), 200);
  });
}
