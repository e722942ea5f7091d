import { createRoute, z } from "@hono/zod-openapi";
import { askClickHouse, askPostgres } from "../engines/answer.ts";
import { newRouter } from "../router.ts";
import type { Services } from "../services.ts";

const PROBE_MS = 1_000;

const Health = z
  .object({
    status: z.enum(["ok", "unavailable"]),
    engines: z.object({ postgres: z.enum(["up", "away"]), clickhouse: z.enum(["up", "away"]) }),
  })
  .openapi("Health");

const healthContent = { "application/json": { schema: Health } };

const healthRoute = createRoute({
  method: "get",
  path: "/healthz",
  tags: ["operations"],
  summary: "Whether the API can answer, and which engine is away",
  security: [],
  responses: {
    200: { description: "Both engines answer", content: healthContent },
    503: { description: "One of them does not", content: healthContent },
  },
});

const metricsRoute = createRoute({
  method: "get",
  path: "/metrics",
  tags: ["operations"],
  summary: "Metrics for Prometheus",
  security: [],
  responses: { 200: { description: "Text format", content: { "text/plain": { schema: z.string() } } } },
});

export function healthRoutes({ sql, clickhouse, metrics }: Services) {
  return newRouter()
    .openapi(healthRoute, async (c) => {
      const [postgres, clickhouseState] = await Promise.all([
        state(askPostgres(sql`SELECT 1`, PROBE_MS)),
        state(
          askClickHouse((abort_signal) => clickhouse.command({ query: "SELECT 1", abort_signal }), { ms: PROBE_MS }),
        ),
      ]);
      const engines = { postgres, clickhouse: clickhouseState };
      const ok = postgres === "up" && clickhouseState === "up";
      return ok
        ? c.json({ status: "ok" as const, engines }, 200)
        : c.json({ status: "unavailable" as const, engines }, 503);
    })
    .openapi(metricsRoute, async (c) =>
      c.text(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType }),
    );
}

function state(probe: Promise<unknown>): Promise<"up" | "away"> {
  return probe.then(
    () => "up" as const,
    () => "away" as const,
  );
}
