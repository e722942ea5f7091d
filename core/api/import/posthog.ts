/** PostHog's exports of a recording: the versions 2022-12-02 (`snapshotsByWindowId`) and 2023-04-28 (`snapshots`) of its JSON. */
import { z } from "zod";
import { WindowId } from "#protocol/batch.ts";
import { cut } from "./cut.ts";
import { elementsOf, malformed, membersOf, parsed, type Turn } from "./file-json.ts";
import type { Intake } from "./intake.ts";
import { InflatedParts } from "./posthog-parts.ts";
import { type BatchSaid, type FileWindow, NAMELESS_WINDOW } from "./recording.ts";

/** A tab each, or a page: each has batches of its own. */
const WINDOWS_MAX = 1_000;
const PERSON_BYTES_MAX = 1024 * 1024;

const text = z.string().max(256).optional().catch(undefined);

const PostHogPerson = z
  .object({
    distinct_ids: z.array(z.string().max(256)).optional().catch(undefined),
    properties: z.object({ email: text }).optional().catch(undefined),
  })
  .nullable()
  .catch(null);

const PostHogWindow = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((id) => (id === null || id === undefined || id === "" ? NAMELESS_WINDOW : String(id)))
  .pipe(WindowId);

const Snapshot = z.object({ windowId: z.unknown() }).catch({ windowId: null });

/** @throws Refusal `body_malformed` that names the place */
export async function readPostHog(data: Uint8Array, intake: Intake, turn: Turn): Promise<FileWindow[]> {
  const members = await membersOf(data, "data", turn);
  const windows = new Map<string, Uint8Array[]>();
  const add = (id: string, event: Uint8Array, path: string) => {
    const events = windows.get(id);
    if (events) return void events.push(event);
    if (windows.size >= WINDOWS_MAX) throw malformed(path, `more than ${WINDOWS_MAX} windows`);
    windows.set(id, [event]);
  };
  const parts = new InflatedParts();
  for await (const { path, windowId, slice } of snapshots(members, turn)) {
    const event = parsed(slice, path);
    const id = PostHogWindow.safeParse(windowId ?? Snapshot.parse(event).windowId);
    if (!id.success) throw malformed(`${path}.windowId`, "not a window's id");
    const plain = await parts.inflate(event, path);
    if (plain === null) throw malformed(path, "is compressed in a way that is not known");
    intake.take(plain.event, path);
    await turn.spend(plain.text?.byteLength ?? 0);
    add(id.data, plain.text ?? slice, path);
  }
  const person = members.get("person");
  const said = person ? saidOfPerson(parsed(person, "data.person", PERSON_BYTES_MAX)) : {};
  return [...windows].map(([window_id, events]) => ({ window_id, batches: cut(events, said) }));
}

interface Found {
  path: string;
  windowId: string | null;
  slice: Uint8Array;
}

async function* snapshots(data: Map<string, Uint8Array>, turn: Turn): AsyncGenerator<Found> {
  const all = data.get("snapshots");
  if (all) return yield* snapshotsOf(all, "data.snapshots", null, turn);
  const byWindow = data.get("snapshotsByWindowId");
  if (!byWindow) throw malformed("data", "neither `snapshots` nor `snapshotsByWindowId`");
  const path = "data.snapshotsByWindowId";
  for (const [id, array] of await membersOf(byWindow, path, turn)) {
    yield* snapshotsOf(array, `${path}.${id.slice(0, 100)}`, id, turn);
  }
}

async function* snapshotsOf(
  array: Uint8Array,
  path: string,
  windowId: string | null,
  turn: Turn,
): AsyncGenerator<Found> {
  let at = 0;
  for await (const slice of elementsOf(array, path, turn)) yield { path: `${path}.${at++}`, windowId, slice };
}

function saidOfPerson(value: unknown): BatchSaid {
  const person = PostHogPerson.parse(value);
  return { user_id: person?.distinct_ids?.[0] ?? null, user_email: person?.properties?.email ?? null };
}
