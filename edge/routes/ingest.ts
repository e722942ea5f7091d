import { type Context, Hono } from "hono";
import { authoriseAsking } from "../caller.ts";
import type { EdgeEnv } from "../edge-env.ts";
import { takeAnalytics, takeBatch } from "../intake.ts";
import { preflightResponse, readableBy } from "../origin.ts";
import { rejectionResponse } from "../rejection.ts";

/** Answers preflights, and batches by `take`, at each of these paths. */
function route(paths: readonly string[], take: (c: Context<EdgeEnv>) => Promise<Response>): Hono<EdgeEnv> {
  const app = new Hono<EdgeEnv>();
  for (const path of new Set(paths)) {
    app.options(path, async (c) => {
      const origin = c.req.header("Origin") ?? null;
      const key = c.req.query("k");
      // It carries no headers of ours: only a key in the query tells whose allowlist counts. The batch is checked.
      const authorised = key ? await authoriseAsking(c, key, origin) : null;
      if (!authorised || authorised.ok) return preflightResponse(origin, true);
      const { rejection } = authorised;
      if (rejection.code === "rate_limited") return rejectionResponse(rejection, readableBy(null));
      return preflightResponse(origin, rejection.code !== "origin_not_allowed");
    });
    app.post(path, take);
  }
  return app;
}

/**
 * POST /i: one batch of rrweb events.
 *
 * - JSON format: the batch as protocol/batch.ts `JsonBatch`, plain or as gzip, deflate or br.
 * - Framed format, told by `?seq=` or `?session_id=`: the same members in the query (`user` and `dropped` as JSON), and the
 *   array of events alone as the body, inflated to see that it is whole and passed on as it came.
 *
 * The key comes as `Authorization: Bearer`, `X-Write-Key`, `?k=` or, in JSON, `project_write_key`, the first of these that
 * is there. `X-Sent-At` or `?t=` is the client's clock at this attempt, ms.
 *
 * 202 with a `Receipt` once JetStream has said that it holds the batch (`"durable": "stream"`), or the relay's own storage
 * does (`"spool"`); else a problem of protocol/problem.ts.
 */
export function ingest(paths: readonly string[]): Hono<EdgeEnv> {
  return route(paths, takeBatch);
}

/** POST /e: custom events (protocol/analytics.ts `AnalyticsBatch`), with keys, clocks, encodings and answers as in POST /i. */
export function analytics(paths: readonly string[]): Hono<EdgeEnv> {
  return route(paths, takeAnalytics);
}
