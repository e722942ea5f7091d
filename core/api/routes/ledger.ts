import { createRoute, z } from "@hono/zod-openapi";
import { SessionParams } from "../parameters.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const range = z.tuple([z.int(), z.int()]).openapi({ description: "[first, last] seq, inclusive" });

const WindowLedger = z
  .object({
    window_id: z.string(),
    received: z.array(range).openapi({ description: "loaded batches" }),
    missing: z.array(range),
    dropped: z
      .array(z.object({ from: z.int(), to: z.int(), reason: z.string() }))
      .openapi({ description: "given up by the recorder" }),
    rejected: z
      .array(z.object({ seq: z.int(), batch_id: z.string(), reason: z.string() }))
      .openapi({ description: "got their 202 and can never be read" }),
    conflicts: z
      .array(z.object({ seq: z.int(), batch_ids: z.array(z.string()) }))
      .openapi({ description: "several batches at one seq: the first received plays, and stands first" }),
    duplicates: z.int().openapi({ description: "attempts beyond the first of each batch" }),
    spooled: z.int().openapi({ description: "attempts that went through the edge's spool" }),
    last_received_at: z.iso.datetime().nullable(),
    end: z.boolean(),
  })
  .openapi("WindowLedger");

export const Ledger = z
  .object({
    complete: z.boolean().nullable(),
    why: z.string().nullable(),
    windows: z.array(WindowLedger),
  })
  .openapi("Ledger");
export type Ledger = z.infer<typeof Ledger>;

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

export function ledgerRoute(services: Services) {
  return newRouter().openapi(route, async () => {
    throw new Error(String(services));
  });
}
