/** Recordings that people brought, through the same stages as what comes from the stream, by any worker. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Sql } from "#core/store/postgres/client.ts";
import { dropImported, takeImported } from "#core/store/postgres/imports.ts";
import { encodeFrames, encodeHead } from "#protocol/message.ts";
import type { Delivery } from "./consume.ts";

const EVERY_MS = 2_000;

export interface Importing {
  sql: Sql;
  /** Takes a message through the stages; resolves when it is settled. */
  drive(delivery: Delivery): Promise<void>;
  log: Logger;
}

/** Loads what was brought, until `signal`. */
export async function keepImporting(importing: Importing, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      while (!signal.aborted && (await importNext(importing)));
    } catch (error) {
      importing.log.warn({ error: error instanceof Error ? error.message : String(error) }, "not_imported");
    }
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** @returns whether there was anything to load */
export async function importNext({ sql, drive, log }: Importing): Promise<boolean> {
  const batches = await takeImported(sql);
  const [first] = batches;
  if (!first) return false;
  const frames = batches.map(({ envelope, body }) => ({ head: encodeHead(envelope, body.byteLength), body }));
  // No place on the stream: its tries are counted under a number that no message has.
  await drive({ seq: -Number(first.id), data: encodeFrames(frames), deliveries: 1 });
  await dropImported(sql, batches);
  log.info({ batches: batches.length }, "imported");
  return true;
}
