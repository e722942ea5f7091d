import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Sql } from "#core/store/postgres/client.ts";
import { developmentAccess } from "./auth/development-access.ts";

const RETRY_MS = 2_000;

/**
 * Outside of the embedded stack the API does not start where the development keys or the demo owner exist: anybody
 * could read with them. While Postgres does not answer this cannot be known, and the API waits.
 */
export async function refuseDevelopmentAccess(sql: Sql, log: Logger): Promise<void> {
  for (;;) {
    const found = await developmentAccess(sql).catch((error: Error) => error);
    if (Array.isArray(found)) {
      if (found.length === 0) return;
      console.error(
        `api: refuses to start in production with ${found.join(", ")}. Revoke the keys and delete the owner`,
      );
      process.exit(1);
    }
    log.warn({ reason: found.message }, "waiting for Postgres before serving");
    await sleep(RETRY_MS);
  }
}
