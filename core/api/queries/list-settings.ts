import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";

const HOSTS_MAX = 100;
const HOST_LENGTH_MAX = 255;

/** A host as URLs have it, or all of its subdomains. */
const Host = z
  .string()
  .max(HOST_LENGTH_MAX)
  .toLowerCase()
  .regex(/^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/, "a host, such as shop.example.com or *.example.com");

/** Which sessions are the project's makers' own, and whether lists have them. */
export const ListSettings = z
  .object({
    internal_hosts: z.array(Host).max(HOSTS_MAX).openapi({
      description:
        "sessions that begin there are the makers' own, as those of localhost and staging are. `*.example.com` for subdomains",
    }),
    hide_internal: z.boolean().openapi({
      description: "whether lists leave the makers' own sessions out, once visitors of other hosts have come",
    }),
  })
  .openapi("ListSettings");
export type ListSettings = z.infer<typeof ListSettings>;

export async function listSettingsOf(sql: Sql, projectId: number): Promise<ListSettings> {
  const [row] = await askPostgres(sql`SELECT internal_hosts, hide_internal FROM projects WHERE id = ${projectId}`);
  return ListSettings.parse(row);
}

/** Sets what `change` names. */
export async function changeListSettings(
  sql: Sql,
  projectId: number,
  change: { [Name in keyof ListSettings]?: ListSettings[Name] | undefined },
): Promise<void> {
  await askPostgres(sql`
    UPDATE projects SET
      internal_hosts = coalesce(${change.internal_hosts ?? null}::text[], internal_hosts),
      hide_internal = coalesce(${change.hide_internal ?? null}::boolean, hide_internal)
    WHERE id = ${projectId}`);
}
