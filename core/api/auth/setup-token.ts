import { createHmac } from "node:crypto";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres } from "../engines/answer.ts";
import type { Settings } from "../settings.ts";

/**
 * What the first person shows to become the owner: whoever runs the instance can read it, a stranger who comes first
 * cannot. Without a setting it follows from the secret, so that every API process has the same, and after a restart too.
 */
export function setupToken({ SETUP_TOKEN, AUTH_SECRET }: Pick<Settings, "SETUP_TOKEN" | "AUTH_SECRET">): string {
  return SETUP_TOKEN ?? createHmac("sha256", AUTH_SECRET).update("rrhog first run").digest("base64url").slice(0, 32);
}

/** Whether nobody has an account yet. */
export async function isFirstRun(sql: Sql): Promise<boolean> {
  const people = await askPostgres(sql`SELECT FROM users LIMIT 1`);
  return people.length === 0;
}
