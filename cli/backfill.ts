/**
 * npm run backfill: takes what the stream still holds through the worker's stages once more. What is loaded folds with
 * itself, what is missing is filled in. The workers, their consumer and its acks are not touched, so it may run beside them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { clickhouseFaults } from "#core/store/clickhouse/durability.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { postgresFaults } from "#core/store/postgres/durability.ts";
import { type KeptRange, KeptStream } from "#core/worker/kept-stream.ts";
import { createMetrics } from "#core/worker/metrics.ts";
import { runPipeline } from "#core/worker/pipeline.ts";
import { readSettings, type Settings } from "#core/worker/settings.ts";
import { WORKER_INBOX_PREFIX } from "#protocol/subject.ts";
import { readAddresses } from "./addresses.ts";
import { BackfillProgress } from "./backfill-progress.ts";
import { bad, fail, good, liveLine, table } from "./terminal.ts";

const USAGE = `npm run backfill -- --from TIME [--to TIME]

  --from TIME   ISO 8601, as 2026-11-26 or 2026-11-26T09:00:00Z: messages that the stream took at that time or later
  --to TIME     and before that one (else all that it holds when this begins)

  CLICKHOUSE_URL, POSTGRES_URL and NATS_URL as the worker takes them, instead of the running stack's`;

/** After Ctrl-C what is in hand is loaded; while an engine is away that is given up after this. */
const GRACE_MS = 6_000;
const SHOW_EVERY_MS = 500;

const Time = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), "is no ISO 8601 time")
  .transform((text) => new Date(text));
const Arguments = z.object({ from: Time, to: Time.optional() });

async function main() {
  const { values } = parseArgs({
    options: { from: { type: "string" }, to: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return console.log(USAGE);
  if (values.from === undefined) throw new Error(`from when on, please\n\n${USAGE}`);
  const given = Arguments.safeParse(values);
  if (!given.success) throw new Error(z.prettifyError(given.error));

  const settings = await workerSettings();
  const nats = await connectTo(settings.NATS_URL);
  try {
    const stream = await KeptStream.open(nats);
    const range = await stream.range(given.data.from, given.data.to ?? null);
    for (const line of introduction(given.data.from, range)) console.log(line);
    if (range.last >= range.first) await backfill(stream, range, settings);
  } finally {
    await nats.close();
  }
}

async function backfill(stream: KeptStream, range: KeptRange, settings: Settings): Promise<void> {
  const sql = openPostgres(settings.POSTGRES_URL, "rrhog-backfill");
  const clickhouse = openClickHouse(settings.CLICKHOUSE_URL, "rrhog-backfill");
  const metrics = createMetrics(async () => null);
  const progress = new BackfillProgress(range, metrics);
  const line = liveLine();
  const stop = stopping();
  const show = async () => line.show(progress.step(), await progress.line());
  const showing = setInterval(() => void show(), SHOW_EVERY_MS);
  try {
    const faults = [...(await clickhouseFaults(clickhouse)), ...(await postgresFaults(sql))];
    if (faults.length > 0) throw new Error(faults.join("; "));
    await runPipeline(progress.taking(stream.messages(range, stop.asked)), {
      sql,
      clickhouse,
      metrics,
      acknowledge: async (deliveries) => progress.settled(deliveries),
      // Whoever recorded this is long gone, or the workers watch it.
      gaps: { seen: () => undefined },
      waiting: (stage, held) => progress.waiting(held && `${stage} waits for ${held.engine}: ${held.why}`),
      giveUp: stop.giveUp,
    }).catch((error: unknown) => {
      if (!stop.giveUp.aborted) throw error;
    });
  } finally {
    clearInterval(showing);
    line.clear();
    await sql.end({ timeout: 1 });
    await clickhouse.close();
  }
  console.log(table(await progress.summary()));
  console.log(closing(progress, stop.asked.aborted));
  if (!progress.isDone) process.exitCode = 1;
}

/** The first signal ends the pulling, and what an engine keeps waiting some seconds later. */
function stopping(): { asked: AbortSignal; giveUp: AbortSignal } {
  const asked = new AbortController();
  const giveUp = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (asked.signal.aborted) giveUp.abort();
      asked.abort();
      void sleep(GRACE_MS, undefined, { ref: false }).then(() => giveUp.abort());
    });
  }
  return { asked: asked.signal, giveUp: giveUp.signal };
}

function introduction(from: Date, { first, last, goneBefore }: KeptRange): string[] {
  const lines: string[] = [];
  if (goneBefore) {
    const held = goneBefore.toISOString();
    lines.push(bad(`The stream holds nothing any more of what came from ${from.toISOString()} to ${held}.`));
  }
  if (last < first) lines.push("The stream holds nothing of that time.");
  return lines;
}

function closing(progress: BackfillProgress, wasStopped: boolean): string {
  if (progress.isDone) return good("✓ all that the stream holds of that time was processed again");
  const since = progress.settledUntil;
  const again = since ? `--from ${since.toISOString()}` : "the same --from";
  const why = wasStopped ? "Stopped." : "The stream was trimmed meanwhile, or is not the one that this began with.";
  return `${bad(why)} To go on: ${again}`;
}

async function workerSettings(): Promise<Settings> {
  const { clickhouseUrl, postgresUrl, natsUrl } = await readAddresses();
  return readSettings({ CLICKHOUSE_URL: clickhouseUrl, POSTGRES_URL: postgresUrl, NATS_URL: natsUrl, ...process.env });
}

async function connectTo(natsUrl: string): Promise<NatsConnection> {
  const url = new URL(natsUrl);
  return connect({
    servers: url.host,
    user: decodeURIComponent(url.username),
    pass: decodeURIComponent(url.password),
    name: "rrhog-backfill",
    inboxPrefix: WORKER_INBOX_PREFIX,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
  }).catch((error: unknown) => {
    throw new Error(`nats: ${url.host} does not answer (${error instanceof Error ? error.message : error})`);
  });
}

await main().catch(fail);
