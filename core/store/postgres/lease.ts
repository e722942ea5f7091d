/**
 * `leases`: one process at a time. Not an advisory lock, which lives on one connection: the driver throws out of reach of
 * any handler when a connection that is held for long has gone and is written to.
 */
import type { Sql } from "./client.ts";

/** @returns whether it is held from here on, for `seconds` or until it is given back */
export async function takeLease(sql: Sql, name: string, seconds: number): Promise<boolean> {
  const taken = await sql`
    INSERT INTO leases (name, held_until) VALUES (${name}, now() + ${seconds} * interval '1 second')
    ON CONFLICT (name) DO UPDATE SET held_until = EXCLUDED.held_until WHERE leases.held_until < now()
    RETURNING name`;
  return taken.length > 0;
}

export async function giveLeaseBack(sql: Sql, name: string): Promise<void> {
  await sql`UPDATE leases SET held_until = now() WHERE name = ${name}`;
}
