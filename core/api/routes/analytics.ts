import { createRoute, z } from "@hono/zod-openapi";
import { Instant, ProjectParams, wholeNumber } from "../parameters.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const period = {
  from: Instant.optional().openapi({ description: "7 days before `to` where absent" }),
  to: Instant.optional().openapi({ description: "exclusive; now where absent" }),
};

const INTERVALS = ["minute", "hour", "day", "week", "month"] as const;

const seriesQuery = z.object({
  ...period,
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

const seriesAnswer = {
  200: { description: "A count over time", content: { "application/json": { schema: Series } } },
  ...readRefusals,
};

const pageviewsRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/query/pageviews",
  tags: ["analytics"],
  summary: "Page views over time",
  request: { params: ProjectParams, query: seriesQuery },
  responses: seriesAnswer,
});

const sessionsRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/query/sessions",
  tags: ["analytics"],
  summary: "Sessions over time, by their start",
  request: { params: ProjectParams, query: seriesQuery },
  responses: seriesAnswer,
});

const TopPages = z
  .object({ rows: z.array(z.object({ path: z.string(), views: z.int(), sessions: z.int() })) })
  .openapi("TopPages");

const topPagesRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/query/top-pages",
  tags: ["analytics"],
  summary: "The pages seen most",
  request: { params: ProjectParams, query: z.object({ ...period, limit: wholeNumber(1, 1_000).default(20) }) },
  responses: {
    200: { description: "By views", content: { "application/json": { schema: TopPages } } },
    ...readRefusals,
  },
});

export function analyticsRoutes(services: Services) {
  return newRouter()
    .openapi(pageviewsRoute, async () => {
      throw new Error(String(services));
    })
    .openapi(sessionsRoute, async () => {
      throw new Error(String(services));
    })
    .openapi(topPagesRoute, async () => {
      throw new Error(String(services));
    });
}
