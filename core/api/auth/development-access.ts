/** The demo project's keys and owner: known to everybody who has read the docs, so they exist in the embedded stack only. */
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";
import { secretHash } from "../secret-hash.ts";

/** Tried out on one's own machine: what comes from there is what one wants to see. */
export const DEMO_PROJECT = { id: 1, name: "Demo shop", hide_internal: false };
export const DEMO_KEYS = { write: "dev_write_123", read: "dev_read_123" } as const;
export const DEMO_OWNER = { email: "demo@rrhog.localhost", password: "demo_password_123", name: "Demo owner" };

/** What of it this database has, in words; empty for one that may be put on the internet. */
export async function developmentAccess(sql: Sql): Promise<string[]> {
  const hashes = Object.values(DEMO_KEYS).map(secretHash);
  const keys = await askPostgres(sql<{ prefix: string }[]>`
    SELECT prefix FROM project_keys WHERE key_hash IN ${sql(hashes)} AND (revoked_at IS NULL OR revoked_at > now())`);
  const owners = await askPostgres(sql`SELECT 1 FROM users WHERE email = ${DEMO_OWNER.email}`);
  return [
    ...keys.map(({ prefix }) => `the development key ${prefix}…`),
    ...owners.map(() => `the demo owner ${DEMO_OWNER.email}`),
  ];
}
