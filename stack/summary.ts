/** What a start says when it is done: the addresses, the time and memory it took, and what was there already. */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { styleText } from "node:util";
import { z } from "zod";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { DEMO_WRITE_KEY, type Surroundings } from "./parts.ts";
import { memoryOf } from "./processes.ts";
import { seconds } from "./progress.ts";
import { ROOT } from "./settings.ts";

/** An install that ended this long ago belongs to this start. */
const JUST_NOW_MS = 60_000;

const InstallStamp = z.object({ seconds: z.number(), finishedAt: z.number() });

/** @param tookMs of this process's start */
export async function summaryOf({ addresses, data }: Surroundings, tookMs: number, beganAt: number): Promise<string> {
  const [install, memory] = await Promise.all([installSeconds(beganAt), memoryOf([process.pid])]);
  const took = `Ready in ${seconds(tookMs)}${install === null ? "" : ` (install ${seconds(install * 1_000)})`}.`;
  const used = `memory ${gigabytes(memory.get(process.pid) ?? 0)}`;
  const logs = relative(process.cwd(), data.logs) || ".";
  return `
${styleText("bold", took)}${used.padStart(Math.max(2, 74 - took.length))}

  Console    ${addresses.uiUrl.padEnd(28)} ← open this
  Demo shop  ${addresses.demoUrl.padEnd(28)} ← click around here, then watch yourself there
  Ingest     ${`${addresses.edgeUrl}/i`.padEnd(28)}   key ${DEMO_WRITE_KEY}
  API docs   ${addresses.apiUrl}/docs

Logs ${logs} · stop Ctrl-C · something odd? npm run doctor`;
}

/** What earlier starts left, in words; null where there is nothing yet. */
export async function keptFromBefore({ addresses }: Surroundings): Promise<string | null> {
  const sql = openPostgres(addresses.postgresUrl, "rrhog-stack");
  const clickhouse = openClickHouse(addresses.clickhouseUrl, "rrhog-stack");
  try {
    const [row] = await sql<{ sessions: number; last: Date | null }[]>`
      SELECT count(*)::int AS sessions, max(updated_at) AS last FROM sessions_meta WHERE batch_count > 0`;
    if (!row?.last) return null;
    const answer = await clickhouse.query({
      query: "SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase()",
      format: "JSONEachRow",
    });
    const [size] = await answer.json<{ bytes: number }>();
    const when = row.last.toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
    const megabytes = Math.max(1, Math.round((size?.bytes ?? 0) / 1e6));
    return `${row.sessions} sessions, ${megabytes} MB, kept from ${when}`;
  } finally {
    await sql.end({ timeout: 1 });
    await clickhouse.close();
  }
}

/** prestart leaves a note of what it did. */
async function installSeconds(beganAt: number): Promise<number | null> {
  const text = await readFile(join(ROOT, "node_modules/.rrhog-install.json"), "utf8").catch(() => "null");
  const stamp = InstallStamp.safeParse(JSON.parse(text));
  return stamp.success && beganAt - stamp.data.finishedAt < JUST_NOW_MS ? stamp.data.seconds : null;
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
