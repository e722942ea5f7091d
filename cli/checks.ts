/** What doctor looks at, one check a part, in the order in which each part needs the ones before. */
import { z } from "zod";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { CONSUMER, STREAM } from "#protocol/subject.ts";
import { type Addresses, PARTS, partPid } from "./addresses.ts";
import { probe } from "./probe.ts";
import { bytes, count, seconds } from "./terminal.ts";

export interface Check {
  name: string;
  /** @returns what is well, in a few words. @throws Error that says what is not */
  look(addresses: Addresses): Promise<string>;
}

const NODE_MAJOR_MIN = 24;
const ANSWER_MS_MAX = 5_000;

export const CHECKS: readonly Check[] = [
  { name: "node", look: node },
  { name: "postgres", look: postgres },
  { name: "clickhouse", look: clickhouse },
  { name: "nats", look: nats },
  { name: "worker", look: ({ workerUrl }) => health(`${workerUrl}/healthz`) },
  { name: "api", look: ({ apiUrl }) => health(`${apiUrl}/healthz`) },
  { name: "edge", look: ({ edgeUrl }) => health(`${edgeUrl}/healthz`) },
  { name: "ui", look: ({ uiUrl }) => health(uiUrl) },
  { name: "demo", look: ({ demoUrl }) => health(demoUrl) },
  { name: "batch", look: probeBatch },
];

/** The command that mends a failed check, by whether the stack is up and the part's process is there. */
export async function mendOf(name: string, logs: string): Promise<string> {
  if (name === "node") return "use `npm run doctor`, which brings its own Node, or install Node 24";
  const running = await Promise.all(PARTS.map((part) => partPid(part)));
  if (running.every((pid) => pid === null)) return "npm start";
  const part = PARTS.find((known) => known === name);
  if (part === undefined) return `look into ${logs}`;
  const pid = running[PARTS.indexOf(part)];
  const log = `${logs}/${part}.log`;
  return pid === null
    ? `tail ${log}, then Ctrl-C and npm start`
    : `tail ${log}; kill ${pid} makes npm start restart it`;
}

async function node(): Promise<string> {
  const [major] = process.versions.node.split(".");
  if (Number(major) < NODE_MAJOR_MIN) throw new Error(`${process.version} is too old`);
  return process.version;
}

async function postgres({ postgresUrl }: Addresses): Promise<string> {
  const sql = openPostgres(postgresUrl, "doctor");
  try {
    const [row] = await sql<{ applied: number }[]>`SELECT count(*)::int AS applied FROM schema_migrations`;
    return `${row?.applied ?? 0} migrations applied`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function clickhouse({ clickhouseUrl }: Addresses): Promise<string> {
  const client = openClickHouse(clickhouseUrl, "doctor");
  try {
    const answer = await client.query({
      query: "SELECT version() AS version, count() AS batches FROM batches",
      format: "JSONEachRow",
      abort_signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const [row] = z.array(z.object({ version: z.string(), batches: z.coerce.number() })).parse(await answer.json());
    return `${row?.version}, ${count(row?.batches ?? 0)} rows in batches`;
  } finally {
    await client.close();
  }
}

const Jetstream = z.object({
  account_details: z
    .array(
      z.object({
        stream_detail: z
          .array(
            z.object({
              name: z.string(),
              state: z.object({ messages: z.number(), bytes: z.number(), last_seq: z.number() }),
              consumer_detail: z
                .array(z.object({ name: z.string(), ack_floor: z.object({ stream_seq: z.number() }) }))
                .default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

async function nats({ natsHttpUrl }: Addresses): Promise<string> {
  const response = await ask(`${natsHttpUrl}/jsz?streams=true&consumers=true`);
  const { account_details } = Jetstream.parse(await response.json());
  const stream = account_details.flatMap((account) => account.stream_detail).find(({ name }) => name === STREAM);
  if (!stream) throw new Error(`there is no stream ${STREAM}; the worker makes it`);
  const consumer = stream.consumer_detail.find(({ name }) => name === CONSUMER);
  if (!consumer) throw new Error(`there is no consumer ${CONSUMER}; the worker makes it`);
  const lag = stream.state.last_seq - consumer.ack_floor.stream_seq;
  return `${STREAM} ${count(stream.state.messages)} messages, ${bytes(stream.state.bytes)}; ${CONSUMER} ${count(lag)} behind`;
}

async function health(url: string): Promise<string> {
  const response = await ask(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
  await response.body?.cancel();
  return url;
}

async function ask(url: string): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
  } catch {
    throw new Error(`${url} does not answer`);
  }
}

async function probeBatch({ edgeUrl, apiUrl }: Addresses): Promise<string> {
  const { acceptedMs, visibleMs } = await probe({ edgeUrl, apiUrl });
  return `202 in ${seconds(acceptedMs)}, read back equal after ${seconds(visibleMs)}`;
}
