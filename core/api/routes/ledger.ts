import { createRoute, z } from "@hono/zod-openapi";
import { DROPPED_RANGES_MAX } from "#core/facts/dropped.ts";
import { sessionLedger } from "#core/facts/ledger.ts";
import { readDeadLetters } from "#core/store/postgres/dead-letters.ts";
import { DroppedRange } from "#protocol/batch.ts";
import { askPostgres } from "../engines/answer.ts";
import { SessionParams } from "../parameters.ts";
import { attemptsOf } from "../queries/attempts.ts";
import { sessionOrNotFound } from "../queries/sessions.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const range = z.array(z.int()).length(2).openapi({ description: "[first, last] seq, inclusive" });

const WindowLedger = z
  .object({
    window_id: z.string(),
    received: z.array(range).openapi({ description: "loaded batches" }),
    missing: z.array(range).openapi({ description: "sealed by the recorder, and neither here nor accounted for" }),
    dropped: z
      .array(DroppedRange)
      .openapi({ description: `given up by the recorder, the last ${DROPPED_RANGES_MAX} ranges where there are more` }),
    dropped_count: z.int().openapi({ description: "batches given up, those of ranges that are left out included" }),
    rejected: z
      .array(z.object({ seq: z.int(), batch_id: z.string(), reason: z.string() }))
      .openapi({ description: "got their 202 and can never be read" }),
    conflicts: z
      .array(z.object({ seq: z.int(), batch_ids: z.array(z.string()) }))
      .openapi({ description: "several batches at one seq: the first received plays, and stands first" }),
    duplicates: z.int().openapi({ description: "attempts beyond the first of each batch" }),
    spooled: z.int().openapi({ description: "attempts that went through the edge's spool" }),
    last_received_at: z.iso.datetime().nullable(),
    end: z.boolean().openapi({ description: "the last batch known of says that it is the last" }),
  })
  .openapi("WindowLedger");

const Ledger = z
  .object({
    complete: z.boolean().nullable().openapi({ description: "null where the recorder does not tell" }),
    why: z.string().nullable().openapi({ description: "why it is not: missing, dropped, rejected, no_end, open" }),
    windows: z.array(WindowLedger),
  })
  .openapi("Ledger");

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/ledger",
  tags: ["sessions"],
  summary: "Which batches of each window arrived, and which are missing",
  request: { params: SessionParams },
  responses: {
    200: { description: "The session's proof", content: { "application/json": { schema: Ledger } } },
    ...readRefusals,
  },
});

export function ledgerRoute({ sql, clickhouse }: Services) {
  return newRouter().openapi(route, async (c) => {
    const { key } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
    const [attempts, letters] = await Promise.all([
      attemptsOf(clickhouse, key, c.req.raw.signal),
      askPostgres(readDeadLetters(sql, [key])),
    ]);
    const ledger = sessionLedger(attempts, letters, Date.now());
    return c.json(Ledger.parse(ledger), 200);
  });
}
