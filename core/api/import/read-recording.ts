/**
 * Reads a recording out of a file's bytes: our own export, plain rrweb JSON (an array of events, or `{ "events": […] }`),
 * and PostHog's export of a recording (posthog.ts). Events are slices of the file, checked and never rewritten, but for
 * PostHog's compressed ones.
 */
import { isUtf8 } from "node:buffer";
import { setImmediate as otherWork } from "node:timers/promises";
import { z } from "zod";
import { BatchFacts, DroppedRange, Seq, WindowId } from "#protocol/batch.ts";
import { RrwebEvent } from "#protocol/event.ts";
import { arrayElements, findMember, jsonDepth, type Slice } from "#protocol/json-scan.ts";
import { FRAMED_INFLATED_BYTES_MAX, JSON_DEPTH_MAX, TIMESTAMP_MS_MAX } from "#protocol/limits.ts";
import { problemIssues } from "#protocol/problem.ts";
import { Refusal } from "../refusal.ts";
import { PostHogPerson, postHogEvent, saidOfPerson } from "./posthog.ts";
import type { BatchSaid, FileBatch, FileRecording, FileWindow } from "./recording.ts";

/** Of a file that does not say how it was cut. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_EVENTS = 500;
/** A tab that a file does not name. */
const NAMELESS_WINDOW = "import";
const BATCHES_MAX = 100_000;
/** Parsed before other requests get their turn. */
const TURN_BYTES = 4 * 1024 * 1024;

/** @throws Refusal `body_malformed` that names the place */
export async function readRecording(text: Uint8Array): Promise<FileRecording> {
  if (!isUtf8(text)) throw malformed("", "not UTF-8");
  const whole = trimmed(text);
  const data = findMember(text, "data");
  if (findMember(text, "version") && data) return readPostHog(text.subarray(data.start, data.end));
  const array = text[whole.start] === OPEN_ARRAY ? whole : findMember(text, "events");
  const elements = array && arrayElements(text, array);
  if (!elements) throw malformed("", "neither rrweb events, a session's export, nor PostHog's export of a recording");
  const events = elements.map(({ start, end }) => text.subarray(start, end));
  const windows = findMember(text, "windows");
  const kept = windows && ExportedWindows.safeParse(parsed(text.subarray(windows.start, windows.end), "windows"));
  if (kept && !kept.success) throw malformedAt("windows", kept.error);
  return checked(kept ? cutAsExported(events, kept.data) : [{ window_id: NAMELESS_WINDOW, batches: cut(events, {}) }]);
}

const OPEN_ARRAY = 0x5b;

const ExportedBatch = BatchFacts.pick({ url: true, release: true, environment: true, sealed_through: true }).extend({
  seq: Seq,
  event_count: z.int().min(1),
  user_id: z.string().max(256).nullish(),
  user_email: z.string().max(256).nullish(),
  user_agent: z.string().max(512).nullish(),
  country: z.string().max(2).nullish(),
  dropped: z.array(DroppedRange).max(1_000).default([]),
  end: z.boolean().default(false),
});

const ExportedWindows = z
  .array(z.object({ window_id: WindowId, batches: z.array(ExportedBatch) }))
  .refine(
    (windows) => windows.reduce((sum, { batches }) => sum + batches.length, 0) <= BATCHES_MAX,
    "too many batches",
  );

/** With the batches that it was recorded in, so that its ledger tells the same. */
function cutAsExported(events: Uint8Array[], windows: z.infer<typeof ExportedWindows>): FileWindow[] {
  let at = 0;
  const made = windows.map(({ window_id, batches }) => ({
    window_id,
    batches: batches.map(({ seq, event_count, ...said }): FileBatch => {
      const own = events.slice(at, at + event_count);
      at += event_count;
      return { seq, said, events: own };
    }),
  }));
  if (at !== events.length) throw malformed("windows", `tell of ${at} events, and there are ${events.length}`);
  return made;
}

function cut(events: Uint8Array[], said: BatchSaid): FileBatch[] {
  const batches: FileBatch[] = [];
  let open: Uint8Array[] = [];
  let bytes = 0;
  const close = () => {
    if (open.length === 0) return;
    const seq = batches.length;
    batches.push({ seq, said: { ...said, sealed_through: seq, end: false }, events: open });
    [open, bytes] = [[], 0];
  };
  for (const event of events) {
    if (open.length >= BATCH_EVENTS || bytes + event.byteLength > BATCH_BYTES) close();
    open.push(event);
    bytes += event.byteLength;
  }
  close();
  const last = batches.at(-1);
  if (last) last.said.end = true;
  return batches;
}

const PostHogWindow = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((id) => (id === null || id === undefined || id === "" ? NAMELESS_WINDOW : String(id)))
  .pipe(WindowId);

async function readPostHog(data: Uint8Array): Promise<FileRecording> {
  const person = findMember(data, "person");
  const said = person
    ? saidOfPerson(PostHogPerson.parse(parsed(data.subarray(person.start, person.end), "data.person")))
    : {};
  const windows = new Map<string, Uint8Array[]>();
  const add = (id: string, event: Uint8Array) => {
    const events = windows.get(id);
    if (events) events.push(event);
    else windows.set(id, [event]);
  };
  const turn = new Turn();
  for await (const [path, windowId, slice] of postHogSlices(data)) {
    await turn.spend(slice.byteLength);
    const event = parsed(slice, path);
    const id = PostHogWindow.safeParse(windowId ?? (event as { windowId?: unknown } | null)?.windowId);
    if (!id.success) throw malformed(`${path}.windowId`, "not a window's id");
    const plain = postHogEvent(event);
    if (plain === null) throw malformed(path, "is compressed in a way that is not known");
    add(id.data, plain === event ? slice : Buffer.from(JSON.stringify(plain)));
  }
  return checked([...windows].map(([window_id, events]) => ({ window_id, batches: cut(events, said) })));
}

/** Of 2023-04-28 `snapshots`, of 2022-12-02 `snapshotsByWindowId`. */
function* postHogSlices(data: Uint8Array): Generator<[path: string, windowId: string | null, Uint8Array]> {
  const snapshots = findMember(data, "snapshots");
  const elements = snapshots && arrayElements(data, snapshots);
  if (elements) {
    for (const [i, slice] of elements.entries()) yield [`data.snapshots.${i}`, null, bytesAt(data, slice)];
    return;
  }
  const byWindow = findMember(data, "snapshotsByWindowId");
  if (!byWindow) throw malformed("data", "neither `snapshots` nor `snapshotsByWindowId`");
  const windows = parsed(bytesAt(data, byWindow), "data.snapshotsByWindowId");
  if (typeof windows !== "object" || windows === null) throw malformed("data.snapshotsByWindowId", "not an object");
  const text = bytesAt(data, byWindow);
  for (const id of Object.keys(windows)) {
    const array = findMember(text, id);
    const events = array && arrayElements(text, array);
    if (!events) throw malformed(`data.snapshotsByWindowId.${id}`, "not an array");
    for (const [i, slice] of events.entries()) {
      yield [`data.snapshotsByWindowId.${id}.${i}`, id, bytesAt(text, slice)];
    }
  }
}

const Times = RrwebEvent.pick({ type: true, timestamp: true });

/** Held to what the edge takes, so that none of it becomes a dead letter. */
async function checked(windows: FileWindow[]): Promise<FileRecording> {
  const found = { events: 0, firstTs: Number.POSITIVE_INFINITY, lastTs: Number.NEGATIVE_INFINITY };
  const turn = new Turn();
  for (const { batches } of windows) {
    for (const { events } of batches) {
      let bytes = 2;
      for (const event of events) {
        await turn.spend(event.byteLength);
        const path = `events.${found.events}`;
        const known = Times.safeParse(parsed(event, path));
        if (!known.success) throw malformedAt(path, known.error);
        found.events++;
        found.firstTs = Math.min(found.firstTs, known.data.timestamp);
        found.lastTs = Math.max(found.lastTs, known.data.timestamp);
        bytes += event.byteLength + 1;
      }
      if (bytes > FRAMED_INFLATED_BYTES_MAX)
        throw malformed(`events.${found.events - 1}`, "too large, or its batch is");
    }
  }
  if (found.events === 0) throw malformed("events", "none");
  if (found.lastTs > TIMESTAMP_MS_MAX) throw malformed("events", "of no time");
  return { windows, ...found };
}

/** Bytes for characters: whether it is JSON, and its numbers, are the same. */
function parsed(slice: Uint8Array, path: string): unknown {
  if (jsonDepth(slice) > JSON_DEPTH_MAX) throw malformed(path, `deeper than ${JSON_DEPTH_MAX} levels`);
  try {
    return JSON.parse(Buffer.from(slice.buffer, slice.byteOffset, slice.byteLength).toString());
  } catch {
    throw malformed(path, "not JSON");
  }
}

/** Long files are read in turns between which other requests go on. */
class Turn {
  #left = TURN_BYTES;

  async spend(bytes: number): Promise<void> {
    this.#left -= bytes;
    if (this.#left > 0) return;
    this.#left = TURN_BYTES;
    await otherWork();
  }
}

function bytesAt(text: Uint8Array, { start, end }: Slice): Uint8Array {
  return text.subarray(start, end);
}

function trimmed(text: Uint8Array): Slice {
  let start = 0;
  let end = text.byteLength;
  while (start < end && (text[start] as number) <= 0x20) start++;
  while (end > start && (text[end - 1] as number) <= 0x20) end--;
  return { start, end };
}

function malformed(path: string, message: string): Refusal {
  return new Refusal("body_malformed", { issues: [{ path, message }] });
}

function malformedAt(path: string, error: z.ZodError): Refusal {
  const issues = problemIssues(error).map((issue) => ({
    ...issue,
    path: [path, issue.path].filter(Boolean).join("."),
  }));
  return new Refusal("body_malformed", { issues });
}
