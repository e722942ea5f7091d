/** What is known of a project's recorders, for who waits for a first session: from the page that has the snippet to the tables. */
import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { isOriginAllowed } from "#protocol/origin.ts";
import { askPostgres } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";
import type { Project } from "./projects.ts";
import { readable } from "./sessions.ts";

const instant = z.iso.datetime();

export const Installation = z
  .object({
    write_keys: z.int().openapi({ description: "those that hold" }),
    seen: z
      .object({
        at: instant.openapi({ description: "to within a minute" }),
        origin: z
          .string()
          .nullable()
          .openapi({ description: "null where it was no page", example: "https://shop.example" }),
        refused: z
          .enum(["key_revoked", "key_kind_wrong", "origin_not_allowed"])
          .nullable()
          .openapi({ description: "why the edge takes nothing from there, as keys and allowlist are now" }),
      })
      .nullable()
      .openapi({ description: "the last recorder that showed the edge a key of this project" }),
    unknown_key_at: instant.nullable().openapi({
      description:
        "when any page last showed this instance a key that nobody has: whose it was meant to be is not known",
    }),
    arriving: z.boolean().openapi({
      description:
        "while there is no session yet: whether the worker has a first batch in hand, accepted and not stored",
    }),
    newest_session: z.object({ session_id: z.string(), started_at: instant }).nullable(),
  })
  .openapi("Installation");
export type Installation = z.infer<typeof Installation>;

const Keys = z.object({ write_keys: z.int() });
const Shown = z.object({
  kind: z.enum(["write", "read"]),
  is_revoked: z.boolean(),
  shown_at: isoDate,
  shown_origin: z.string().nullable(),
});
const Newest = z.object({ session_id: z.string(), started_at: isoDate });

export async function installationOf(sql: Sql, project: Project): Promise<Installation> {
  const [keys, shown, unknown, newest] = await Promise.all([
    askPostgres(sql`
      SELECT count(*)::int AS write_keys FROM project_keys
      WHERE project_id = ${project.id} AND kind = 'write' AND (revoked_at IS NULL OR revoked_at > now())`),
    askPostgres(sql`
      SELECT kind, coalesce(revoked_at <= now(), false) AS is_revoked, shown_at, shown_origin FROM project_keys
      WHERE project_id = ${project.id} AND shown_at IS NOT NULL ORDER BY shown_at DESC LIMIT 1`),
    askPostgres(sql`SELECT at FROM unknown_key_shown`),
    askPostgres(sql`
      SELECT session_id, started_at FROM sessions_meta WHERE ${readable(sql, project)} ORDER BY started_at DESC LIMIT 1`),
  ]);
  const seen = shown[0] ? Shown.parse(shown[0]) : null;
  return {
    write_keys: Keys.parse(keys[0]).write_keys,
    seen: seen && { at: seen.shown_at, origin: seen.shown_origin, refused: refusalOf(seen, project.allowed_origins) },
    unknown_key_at: unknown[0] ? isoDate.parse(unknown[0].at) : null,
    arriving: newest.length === 0 && (await isClaimed(sql, project)),
    newest_session: newest[0] ? Newest.parse(newest[0]) : null,
  };
}

type Seen = z.infer<typeof Shown>;

function refusalOf({ kind, is_revoked, shown_origin }: Seen, allowed: string[]) {
  if (is_revoked) return "key_revoked";
  if (kind !== "write") return "key_kind_wrong";
  return isOriginAllowed(shown_origin, allowed) ? null : "origin_not_allowed";
}

/** Asked of a project without sessions alone: among many, those without a batch have no index. */
async function isClaimed(sql: Sql, { id }: Project): Promise<boolean> {
  const rows = await askPostgres(sql`SELECT FROM sessions_meta WHERE project_id = ${id} AND batch_count = 0 LIMIT 1`);
  return rows.length > 0;
}
