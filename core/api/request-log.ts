import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { ApiEnv } from "./router.ts";
import type { Services } from "./services.ts";

/** One line a request: the route's pattern and never the URL, in which keys, ids and search texts stand. */
export function logRequests({ log, metrics }: Pick<Services, "log" | "metrics">): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const start = performance.now();
    await next();
    const seconds = (performance.now() - start) / 1_000;
    const { method } = c.req;
    const route = matchedRoutes(c).findLast((matched) => matched.method !== "ALL")?.path ?? "none";
    const { status } = c.res;
    metrics.requestSeconds.observe({ method, route, status }, seconds);
    log.info({ method, route, status, ms: Math.round(seconds * 1_000) }, "request");
  };
}
