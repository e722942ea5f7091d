/**
 * Gives a new installation something to look at: `node demo/send-visitors.ts` posts the recorded visits through
 * `POST /i`, as new sessions that lie over the last days. Settings: EDGE_URL, WRITE_KEY, and DEMO_NOW, the moment (ms)
 * from which the visits are dated back. With the same DEMO_NOW the same bytes are sent again, and fold.
 * Prints a line a visit and a last one with what was sent; exits with 1 if a batch was refused or never taken.
 */
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { z } from "zod";
import { idFrom, moved, type RecordedBatch, type Recording, readRecordings } from "./recording.ts";

const ATTEMPTS_MAX = 30;
const RETRY_MS_MAX = 2_000;

const Settings = z.object({
  EDGE_URL: z.url().default("http://127.0.0.1:8787"),
  WRITE_KEY: z.string().min(1).default("dev_write_123"),
  DEMO_NOW: z.coerce.number().int().positive().default(Date.now),
});
const settings = Settings.parse(process.env);

/** Sends one batch until its 202, as the same bytes. A refusal throws: it would not change. */
async function send(batch: RecordedBatch, userAgent: string): Promise<void> {
  const body = await promisify(gzip)(JSON.stringify(batch));
  for (let attempt = 1; ; attempt++) {
    const answer = await post(body, userAgent).catch((error: Error) => error);
    if (answer instanceof Response && answer.status === 202) return;
    const said =
      answer instanceof Response ? `${answer.status} ${await answer.text()}` : String(answer.cause ?? answer);
    const mayPass = answer instanceof Error || answer.status === 429 || answer.status >= 500;
    if (!mayPass || attempt === ATTEMPTS_MAX) throw new Error(`the edge did not take a batch: ${said}`);
    await wait(Math.min(100 * 2 ** attempt, RETRY_MS_MAX));
  }
}

function post(body: Buffer, userAgent: string): Promise<Response> {
  const address = new URL(`/i?k=${encodeURIComponent(settings.WRITE_KEY)}&t=${Date.now()}`, settings.EDGE_URL);
  return fetch(address, {
    method: "POST",
    headers: { "Content-Type": "text/plain", "User-Agent": userAgent },
    body: new Uint8Array(body),
  });
}

async function sendVisit(recording: Recording): Promise<number> {
  const startAt = settings.DEMO_NOW - recording.minutes_ago * 60_000;
  const visit = moved(recording, startAt, (id) => idFrom(`${settings.DEMO_NOW}/${id}`));
  for (const batch of visit.batches) await send(batch, visit.user_agent);
  console.log(`demo: ${visit.name}: ${visit.batches.length} batches`);
  return visit.batches.length;
}

try {
  const recordings = await readRecordings();
  const counts = await Promise.all(recordings.map(sendVisit));
  console.log(`demo: sent ${counts.length} sessions in ${counts.reduce((sum, n) => sum + n, 0)} batches`);
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
