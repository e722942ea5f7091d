import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { End, Instant, ProjectParams, wholeNumber } from "../parameters.ts";
import { INTERVALS, type Interval, intervalStarts, type Period, periodOf, suitableInterval } from "../period.ts";
import { sessionsBeingDeleted } from "../queries/deletions.ts";
import { type Counted, countPageviews, TopPage, topPages } from "../queries/pageviews.ts";
import { countSessions } from "../queries/sessions.ts";
import { type ApiEnv, newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const periodQuery = z.object({
  from: Instant.optional().openapi({ description: "7 days before `to` where absent" }),
  to: End.optional().openapi({ description: "exclusive; now where absent" }),
});

const seriesQuery = periodQuery.extend({
  interval: z.enum(INTERVALS).optional().openapi({ description: "what suits the period where absent; in UTC" }),
});

const Series = z
  .object({
    total: z.int(),
    interval: z.enum(INTERVALS),
    series: z
      .array(z.object({ t: z.iso.datetime(), value: z.int() }))
      .openapi({ description: "each interval of the period, empty ones as 0; `t` is its beginning" }),
  })
  .openapi("Series");

const seriesResponses = {
  200: { description: "A count over time", content: { "application/json": { schema: Series } } },
  ...readRefusals,
};

const pageviewsRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/query/pageviews",
  tags: ["analytics"],
  summary: "Page views over time",
  request: { params: ProjectParams, query: seriesQuery },
  responses: seriesResponses,
});

const sessionsRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/query/sessions",
  tags: ["analytics"],
  summary: "Sessions over time, by their start",
  request: { params: ProjectParams, query: seriesQuery },
  responses: seriesResponses,
});

const topPagesRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/query/top-pages",
  tags: ["analytics"],
  summary: "The pages seen most",
  request: { params: ProjectParams, query: periodQuery.extend({ limit: wholeNumber(1, 1_000).default(20) }) },
  responses: {
    200: {
      description: "By views",
      content: { "application/json": { schema: z.object({ rows: z.array(TopPage) }) } },
    },
    ...readRefusals,
  },
});

export function analyticsRoutes({ sql, clickhouse }: Services) {
  const countedOf = async (c: Context<ApiEnv>): Promise<Counted> => {
    const project = c.get("project");
    return { ...project, deleted: await sessionsBeingDeleted(sql, project.id) };
  };
  return newRouter()
    .openapi(pageviewsRoute, async (c) => {
      const { period, interval, starts } = cut(c.req.valid("query"));
      const counted = await countPageviews(clickhouse, await countedOf(c), period, interval, c.req.raw.signal);
      return c.json(filled(interval, starts, counted), 200);
    })
    .openapi(sessionsRoute, async (c) => {
      const { period, interval, starts } = cut(c.req.valid("query"));
      const counted = await countSessions(sql, c.get("project"), period, interval);
      return c.json(filled(interval, starts, counted), 200);
    })
    .openapi(topPagesRoute, async (c) => {
      const { limit, ...asked } = c.req.valid("query");
      const period = periodOf(asked, new Date());
      const rows = await topPages(clickhouse, await countedOf(c), period, limit, c.req.raw.signal);
      return c.json({ rows }, 200);
    });
}

function cut(asked: z.output<typeof seriesQuery>): { period: Period; interval: Interval; starts: number[] } {
  const period = periodOf(asked, new Date());
  const interval = asked.interval ?? suitableInterval(period);
  return { period, interval, starts: intervalStarts(period, interval) };
}

/** @param counted by the ms at which the interval begins; what is not in it is 0 */
function filled(interval: Interval, starts: readonly number[], counted: ReadonlyMap<number, number>) {
  const series = starts.map((t) => ({ t: new Date(t).toISOString(), value: counted.get(t) ?? 0 }));
  return { total: series.reduce((sum, { value }) => sum + value, 0), interval, series };
}
