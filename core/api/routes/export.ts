import { createRoute, z } from "@hono/zod-openapi";
import { sessionLedger } from "#core/facts/ledger.ts";
import { type PlayWindow, playOrder } from "#core/facts/play-order.ts";
import { readDeadLetters } from "#core/store/postgres/dead-letters.ts";
import { askPostgres } from "../engines/answer.ts";
import { assetMark, sessionHtml } from "../export/session-html.ts";
import { sessionJson } from "../export/session-json.ts";
import { SessionParams } from "../parameters.ts";
import { KeptAssets } from "../playback/kept-assets.ts";
import { playStretch } from "../playback/play-stretch.ts";
import { streamOf } from "../playback/render.ts";
import { pagesOf } from "../playback/timeline.ts";
import { assetBodies, sessionAssets } from "../queries/assets.ts";
import { attemptsOf } from "../queries/attempts.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import { sessionPageViews } from "../queries/session-events.ts";
import { sessionOrNotFound, spanOf } from "../queries/sessions.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";
import { asTyped } from "../typed-stream.ts";

const CONTENT_TYPE = { json: "application/json", html: "text/html; charset=utf-8" };

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/export",
  tags: ["sessions"],
  summary: "A session as one file",
  description:
    "`json`: the session, its ledger, its windows, and its events as they were sent, window after window; it can be " +
    "imported again. `html`: one page that plays the session without any network, with the assets that are kept.",
  request: {
    params: SessionParams,
    query: z.object({ format: z.enum(["json", "html"]).default("json") }),
  },
  responses: {
    200: {
      description: "The file",
      content: {
        "application/json": {
          schema: z
            .looseObject({
              version: z.literal(1),
              session: z.looseObject({}),
              ledger: z.looseObject({}),
              events: z.array(z.looseObject({})),
              windows: z.array(z.looseObject({})),
            })
            .openapi("SessionFile"),
        },
        "text/html": { schema: z.string() },
      },
    },
    ...readRefusals,
  },
});

export function exportRoute({ sql, clickhouse }: Services) {
  return newRouter().openapi(route, async (c) => {
    const { format } = c.req.valid("query");
    const { key, summary } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
    await recordAudit(sql, actorOf(c.get("caller")), {
      projectId: key.project_id,
      action: "session.exported",
      target: key.session_id,
      detail: { format },
    });
    const leave = new AbortController();
    const caller = AbortSignal.any([c.req.raw.signal, leave.signal]);
    const span = spanOf(summary);
    const [attempts, letters, views] = await Promise.all([
      attemptsOf(clickhouse, key, caller),
      askPostgres(readDeadLetters(sql, [key])),
      sessionPageViews(clickhouse, key, span, caller),
    ]);
    const order = playOrder(attempts);
    const session = { ...summary, start_ts: order.start_ts, pages: pagesOf(views, span.from) };
    const source = { clickhouse, session: key, caller };
    const eventsOf = (windows: PlayWindow[]) => playStretch(source, { ...order, windows }, {}).events;

    async function* kept() {
      const hashes = new Set<string>();
      for (const { hash, content_type } of await sessionAssets(sql, key, span.from)) {
        if (hash === null || content_type === "text/css" || hashes.has(hash)) continue;
        hashes.add(hash);
        yield* await assetBodies(sql, key.project_id, [hash]);
      }
    }
    async function* withMarks(window: PlayWindow) {
      const assets = await KeptAssets.of(sql, key, span.from, assetMark);
      yield* assets.inEvents(eventsOf([window]));
    }
    const pieces =
      format === "html"
        ? sessionHtml({ session, windows: order.windows, eventsOf: withMarks, assets: kept() })
        : sessionJson(
            { session, ledger: sessionLedger(attempts, letters, Date.now()) },
            order.windows,
            attempts,
            eventsOf(order.windows),
          );
    const body = await streamOf(pieces, () => leave.abort());
    return asTyped(
      c.body(body, 200, {
        "content-type": CONTENT_TYPE[format],
        "content-disposition": `attachment; filename="session-${key.session_id}.${format}"`,
      }),
    );
  });
}
