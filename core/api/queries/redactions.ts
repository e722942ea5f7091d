/** Rules over what is stored: the intent is written here; the worker's sweep carries it out (core/worker/redact-stored.ts). */
import { z } from "@hono/zod-openapi";
import { RULE_NAMES } from "#core/facts/redaction/rules.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { rulesNow } from "#core/store/postgres/redaction-rules.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";

/** How far it is, and in the end what became of it. */
export const RedactionReceipt = z
  .object({
    receipt_id: z.string(),
    version: z.int().openapi({ description: "of the rules; later ones are applied where there are any by then" }),
    state: z.enum(["waiting", "running", "settling", "done"]).openapi({
      description:
        "settling: all sessions are done, and what was on its way to the tables at the time is waited for. " +
        "done: looked for again, and nothing found that older rules made",
    }),
    requested_at: z.iso.datetime(),
    done_at: z.iso.datetime().nullable(),
    sessions_total: z.int().nullable().openapi({ description: "null until somebody has looked" }),
    sessions_done: z.int(),
    events_changed: z.int(),
    found: z
      .partialRecord(z.enum(RULE_NAMES), z.int())
      .openapi({ description: "what was made unreadable, by rule; in facts and addresses as well as in events" }),
    removed: z
      .record(z.string(), z.int())
      .openapi({ description: "rows that older rules had made and no merge had folded, by table" }),
    still_held: z
      .object({
        stream_until: z.iso.datetime().nullable().openapi({
          description: "when the stream lets go of the last message that was sent before; null while that is not known",
        }),
        dead_letters: z.int().openapi({ description: "of the project: they hold what was sent, as it was sent" }),
        spools: z.string(),
        backups: z.string(),
      })
      .openapi({ description: "where bytes may lie that no read shows" }),
  })
  .openapi("RedactionReceipt");
export type RedactionReceipt = z.infer<typeof RedactionReceipt>;

const Row = z.object({
  id: z.string(),
  version: z.int(),
  requested_at: isoDate,
  done_at: isoDate.nullable(),
  passed_at: z.date().nullable(),
  sessions_total: z.int().nullable(),
  sessions_done: z.int(),
  events_changed: z.coerce.number(),
  found: z.partialRecord(z.enum(RULE_NAMES), z.coerce.number()),
  removed: z.record(z.string(), z.coerce.number()),
  dead_letters: z.int(),
});

/** @returns the receipt's id; that of the one which is under way where it is for the same rules */
export async function applyRules(sql: Sql, projectId: number, personId: string): Promise<string> {
  return askPostgres(
    inTransaction(sql, async (transaction) => {
      await transaction`SELECT FROM projects WHERE id = ${projectId} FOR UPDATE`;
      const { version } = await rulesNow(transaction, projectId);
      const [pending] = await transaction<{ id: string }[]>`
        SELECT id FROM redactions WHERE project_id = ${projectId} AND version = ${version} AND done_at IS NULL`;
      if (pending) return pending.id;
      const [made] = await transaction<[{ id: string }]>`
        INSERT INTO redactions (project_id, version, requested_by)
        VALUES (${projectId}, ${version}, ${personId}) RETURNING id`;
      return made.id;
    }),
  );
}

/** Newest first. */
export async function redactionReceipts(
  sql: Sql,
  projectId: number,
  streamKeptH: number,
  only: { id?: string; limit: number },
): Promise<RedactionReceipt[]> {
  const rows = await askPostgres(sql`
    SELECT id, version, requested_at, done_at, passed_at, sessions_total, sessions_done, events_changed, found, removed,
      (SELECT count(*)::int FROM dead_letters d WHERE d.project_id = r.project_id AND d.dropped_at IS NULL) AS dead_letters
    FROM redactions r
    WHERE project_id = ${projectId} ${only.id === undefined ? sql`` : sql`AND id = ${only.id}`}
    ORDER BY requested_at DESC LIMIT ${only.limit}`);
  return z
    .array(Row)
    .parse(rows)
    .map(({ id, passed_at, dead_letters, ...row }) => ({
      receipt_id: id,
      ...row,
      state: stateOf(row),
      still_held: {
        stream_until: passed_at && new Date(passed_at.getTime() + streamKeptH * 3_600_000).toISOString(),
        dead_letters,
        spools: "a copy that an edge still holds goes through the rules when it comes",
        backups: "as long as you keep them; apply the rules again to what is restored",
      },
    }));
}

function stateOf({
  done_at,
  sessions_total,
  sessions_done,
}: Pick<z.infer<typeof Row>, "done_at" | "sessions_total" | "sessions_done">) {
  if (done_at !== null) return "done";
  if (sessions_total === null) return "waiting";
  return sessions_done < sessions_total ? "running" : "settling";
}
