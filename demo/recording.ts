/** A recorded visit as it lies in recordings/: the batches that the recorder sent, and whose they were. */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";

/** One rrweb event; all but its time is passed on as it was recorded. */
const RecordedEvent = z.looseObject({ type: z.int(), timestamp: z.number() });

/** The body of one `POST /i`, with whatever members the recorder sent. */
export const RecordedBatch = z.looseObject({
  seq: z.int().min(0),
  session_id: z.guid(),
  window_id: z.string(),
  sealed_at: z.number(),
  events: z.array(RecordedEvent).min(1),
});
export type RecordedBatch = z.infer<typeof RecordedBatch>;

export const Recording = z.object({
  name: z.string(),
  user_agent: z.string(),
  /** How long before the sending the visit shall have begun, in minutes. */
  minutes_ago: z.number().positive(),
  batches: z.array(RecordedBatch).min(1),
});
export type Recording = z.infer<typeof Recording>;

const FOLDER = new URL("recordings/", import.meta.url);

/** All recordings, oldest visit first. */
export async function readRecordings(): Promise<Recording[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".json.gz"));
  const recordings = await Promise.all(
    files.map(async (file) => Recording.parse(JSON.parse(String(gunzipSync(await readFile(new URL(file, FOLDER))))))),
  );
  return recordings.sort((a, b) => b.minutes_ago - a.minutes_ago);
}

export async function writeRecording(recording: Recording): Promise<void> {
  const text = JSON.stringify(recording);
  await writeFile(new URL(`${recording.name}.json.gz`, FOLDER), gzipSync(text, { level: 9 }));
}

/** When the first event happened, ms. */
export function startOf({ batches }: Recording): number {
  return Math.min(...batches.flatMap(({ events }) => events.map(({ timestamp }) => timestamp)));
}

/**
 * The same visit at another time and as another session: it begins at `startAt` (ms), each id becomes what `freshId`
 * gives for it. Event times and the time of sealing move, and when errors and requests happened that an event tells of;
 * everything else of an event stays as it was recorded.
 */
export function moved(recording: Recording, startAt: number, freshId: (id: string) => string): Recording {
  const shift = Math.round(startAt - startOf(recording));
  const batches = recording.batches.map((batch) => ({
    ...batch,
    session_id: freshId(batch.session_id),
    window_id: freshId(batch.window_id),
    sealed_at: batch.sealed_at + shift,
    events: batch.events.map((event) => later(event, shift)),
  }));
  return { ...recording, batches };
}

const Timed = z.looseObject({ timestamp: z.number() });
const ToldError = z.looseObject({ tag: z.literal("rrhog.error"), payload: Timed });
const ToldRequests = z.looseObject({
  plugin: z.literal("rrweb/network@1"),
  payload: z.looseObject({ requests: z.array(Timed) }),
});

function later(event: z.infer<typeof RecordedEvent>, ms: number): z.infer<typeof RecordedEvent> {
  const add = <T extends { timestamp: number }>(timed: T): T => ({ ...timed, timestamp: timed.timestamp + ms });
  const error = ToldError.safeParse(event.data).data;
  if (error) return add({ ...event, data: { ...error, payload: add(error.payload) } });
  const told = ToldRequests.safeParse(event.data).data;
  if (!told) return add(event);
  const requests = told.payload.requests.map(add);
  return add({ ...event, data: { ...told, payload: { ...told.payload, requests } } });
}

/** A UUID that follows from a name (RFC 9562, version 8): the same name gives the same one, another name another. */
export function idFrom(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
