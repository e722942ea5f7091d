/** Engines that run elsewhere, by their variables: asked once before anything is built on them. */
import { once } from "node:events";
import { connect } from "node:net";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { StartError } from "./start-error.ts";

const ANSWER_MS_MAX = 10_000;

/** @throws StartError that names the variable */
export async function askPostgres(url: string): Promise<void> {
  const sql = openPostgres(url, "rrhog-stack");
  try {
    await sql`SELECT 1`;
  } catch (error) {
    throw unreachable("postgres", "POSTGRES_URL", error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** @throws StartError that names the variable */
export async function askClickHouse(url: string): Promise<void> {
  const clickhouse = openClickHouse(url, "rrhog-stack");
  try {
    await clickhouse.command({ query: "SELECT 1", abort_signal: AbortSignal.timeout(ANSWER_MS_MAX) });
  } catch (error) {
    throw unreachable("clickhouse", "CLICKHOUSE_URL", error);
  } finally {
    await clickhouse.close();
  }
}

/** Only whether somebody listens: credentials are the worker's and the edge's to show. @throws StartError */
export async function askNats(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port || 4222), timeout: ANSWER_MS_MAX });
  socket.once("timeout", () => socket.destroy(new Error("no answer")));
  try {
    await once(socket, "connect");
  } catch (error) {
    throw unreachable("nats", "NATS_URL", error);
  } finally {
    socket.destroy();
  }
}

function unreachable(engine: string, variable: string, error: unknown): StartError {
  return new StartError(
    `${engine}: what ${variable} names does not answer (${reasonOf(error)}). Start it, or unset it.`,
  );
}

/** Node keeps what happened at the socket in a cause, or in an error without a message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const first = error instanceof AggregateError ? error.errors[0] : undefined;
  return first instanceof Error ? reasonOf(first) : error.message || error.name;
}
