/**
 * npm run dead-letters: what no worker could load, of every project and of none, for who runs the host. What belongs to a
 * project its owners see by the API as well.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { openPostgres, type Sql } from "#core/store/postgres/client.ts";
import { readAddresses } from "./addresses.ts";
import { bytes, columns, count, dim, fail, good, table } from "./terminal.ts";

const USAGE = `npm run dead-letters [-- ACTION [ID …] [options]]

  list            how many of which reason, and the newest (the default)
  show ID         one with its envelope, and the beginning of its body in hex
  redrive ID …    has the worker take them through its stages again
  drop ID …       throws their content away; ledgers go on saying that they were rejected

  --reason WORD   instead of ids: all of this reason (the word before the colon)
  --all           instead of ids: all

  POSTGRES_URL as the worker takes it, instead of the running stack's`;

const NEWEST = 20;
const HEX_BYTES = 64;

const Arguments = z.object({
  action: z.enum(["list", "show", "redrive", "drop"]).default("list"),
  ids: z.array(z.string().regex(/^\d{1,18}$/, "is no letter's id")),
  reason: z.string().optional(),
  all: z.boolean().default(false),
});
type Arguments = z.infer<typeof Arguments>;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { reason: { type: "string" }, all: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const [action, ...ids] = positionals;
  const given = Arguments.safeParse({ ...values, action, ids });
  if (!given.success) throw new Error(`${z.prettifyError(given.error)}\n\n${USAGE}`);
  const url = process.env.POSTGRES_URL ?? (await readAddresses()).postgresUrl;
  const sql = openPostgres(url, "rrhog-dead-letters");
  try {
    await ACTIONS[given.data.action](sql, given.data);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const ACTIONS: Record<Arguments["action"], (sql: Sql, given: Arguments) => Promise<void>> = {
  async list(sql) {
    const reasons = await sql<{ reason: string; letters: number; bytes: number; driving: number }[]>`
      SELECT split_part(reason, ':', 1) AS reason, count(*)::int AS letters, sum(length(body))::float8 AS bytes,
        count(redrive_at)::int AS driving
      FROM dead_letters WHERE dropped_at IS NULL GROUP BY 1 ORDER BY 2 DESC`;
    if (reasons.length === 0) return console.log(good("✓ there are none"));
    console.log(
      columns(
        ["reason", "letters", "bytes", "driving"],
        reasons.map((one) => [one.reason, count(one.letters), bytes(one.bytes), count(one.driving)]),
      ),
    );
    const newest = await sql<{ id: string; project_id: number | null; reason: string; died_at: Date }[]>`
      SELECT id::text AS id, project_id, reason, died_at FROM dead_letters
      WHERE dropped_at IS NULL ORDER BY id DESC LIMIT ${NEWEST}`;
    console.log("");
    console.log(
      columns(
        ["id", "project", "died", "reason"],
        newest.map((one) => [
          one.id,
          String(one.project_id ?? "–"),
          one.died_at.toISOString(),
          one.reason.slice(0, 80),
        ]),
      ),
    );
  },

  async show(sql, { ids: [id] }) {
    if (id === undefined) throw new Error(`which?\n\n${USAGE}`);
    const [letter] = await sql<{ reason: string; envelope: string | null; body: Buffer; stream_seq: string }[]>`
      SELECT reason, envelope, body, stream_seq FROM dead_letters WHERE id = ${id} AND dropped_at IS NULL`;
    if (!letter) throw new Error(`there is no letter ${id}`);
    console.log(
      table([
        ["reason", letter.reason],
        ["stream sequence", String(letter.stream_seq)],
        ["envelope", letter.envelope ?? "none could be read"],
        ["body", bytes(letter.body.byteLength)],
        ["", dim(letter.body.subarray(0, HEX_BYTES).toString("hex"))],
      ]),
    );
  },

  async redrive(sql, given) {
    const driven = await sql`
      UPDATE dead_letters SET redrive_at = now() WHERE dropped_at IS NULL AND ${those(sql, given)} RETURNING id`;
    console.log(good(`✓ ${count(driven.length)} will be driven again: the worker looks every five seconds`));
  },

  async drop(sql, given) {
    const dropped = await sql`
      UPDATE dead_letters SET dropped_at = now() WHERE dropped_at IS NULL AND ${those(sql, given)} RETURNING id`;
    console.log(good(`✓ ${count(dropped.length)} are dropped`));
  },
};

function those(sql: Sql, { ids, reason, all }: Arguments) {
  if (ids.length > 0) return sql`id = ANY (${ids}::bigint[])`;
  if (reason !== undefined) return sql`split_part(reason, ':', 1) = ${reason}`;
  if (all) return sql`true`;
  throw new Error(`which? Ids, --reason or --all\n\n${USAGE}`);
}

await main().catch(fail);
