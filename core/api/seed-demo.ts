/**
 * Makes the demo project with its development keys and owner, for the embedded stack:
 * `RRHOG_EMBEDDED=1 POSTGRES_URL=… node core/api/seed-demo.ts`. What is there already stays as it is.
 */

import { pathToFileURL } from "node:url";
import { hashPassword } from "better-auth/crypto";
import { z } from "zod";
import { openPostgres, type Sql } from "#core/store/postgres/client.ts";
import { inTransaction } from "#core/store/postgres/transaction.ts";
import { DEMO_KEYS, DEMO_OWNER, DEMO_PROJECT } from "./auth/development-access.ts";
import { secretHash } from "./secret-hash.ts";

/** Enough of a key for a person to recognise it. */
const PREFIX_LENGTH = 8;

export async function seedDemo(sql: Sql): Promise<void> {
  const password = await hashPassword(DEMO_OWNER.password);
  await inTransaction(sql, async (transaction) => {
    await transaction`INSERT INTO projects ${transaction(DEMO_PROJECT)} ON CONFLICT (id) DO NOTHING`;
    // The id was given and not drawn: the next project must not draw the same.
    await transaction`SELECT setval(pg_get_serial_sequence('projects', 'id'), (SELECT max(id) FROM projects))`;
    for (const [kind, key] of Object.entries(DEMO_KEYS)) {
      const row = { key_hash: secretHash(key), project_id: DEMO_PROJECT.id, kind, prefix: key.slice(0, PREFIX_LENGTH) };
      await transaction`INSERT INTO project_keys ${transaction(row)} ON CONFLICT (key_hash) DO NOTHING`;
    }
    const { email, name } = DEMO_OWNER;
    await transaction`
      INSERT INTO users (email, name, email_verified) VALUES (${email}, ${name}, true) ON CONFLICT (email) DO NOTHING`;
    await transaction`
      INSERT INTO auth_accounts (user_id, provider_id, account_id, password, updated_at)
      SELECT id, 'credential', id::text, ${password}, now() FROM users WHERE email = ${email}
      ON CONFLICT (provider_id, account_id) DO NOTHING`;
    await transaction`
      INSERT INTO memberships (project_id, user_id, role)
      SELECT ${DEMO_PROJECT.id}, id, 'owner' FROM users WHERE email = ${email}
      ON CONFLICT (project_id, user_id) DO NOTHING`;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const env = z.object({ RRHOG_EMBEDDED: z.literal("1"), POSTGRES_URL: z.url() }).safeParse(process.env);
  if (!env.success) {
    console.error("seed-demo: set POSTGRES_URL, and RRHOG_EMBEDDED=1: these keys are for the embedded stack only");
    process.exit(1);
  }
  const sql = openPostgres(env.data.POSTGRES_URL, "rrhog-seed-demo");
  await seedDemo(sql);
  await sql.end();
  console.log(
    `project ${DEMO_PROJECT.id} "${DEMO_PROJECT.name}", its development keys and ${DEMO_OWNER.email} are there`,
  );
}
