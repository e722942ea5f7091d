/** The windows of our own export: which batches a session was recorded in. */
import { z } from "zod";
import { BatchFacts, DroppedRange, Seq, WindowId } from "#protocol/batch.ts";
import { elementsOf, malformed, malformedAt, membersOf, parsed, type Turn } from "./file-json.ts";
import { BATCHES_MAX } from "./intake.ts";
import type { FileBatch, FileWindow } from "./recording.ts";

/** Of a batch's facts: a thousand dropped ranges are far less. */
const FACTS_BYTES_MAX = 256 * 1024;

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

/** With the batches that it was recorded in, so that its ledger tells the same. */
export async function cutAsExported(events: Uint8Array[], told: Uint8Array, turn: Turn): Promise<FileWindow[]> {
  const windows: FileWindow[] = [];
  let [at, count] = [0, 0];
  const another = () => {
    if (++count > BATCHES_MAX) throw malformed("windows", "too many batches");
  };
  for await (const slice of elementsOf(told, "windows", turn)) {
    another();
    const path = `windows.${windows.length}`;
    const members = await membersOf(slice, path, turn);
    const windowId = valid(WindowId, members.get("window_id"), `${path}.window_id`);
    const batches: FileBatch[] = [];
    for await (const facts of elementsOf(members.get("batches") ?? NOTHING, `${path}.batches`, turn)) {
      another();
      const { seq, event_count, ...said } = valid(ExportedBatch, facts, `${path}.batches.${batches.length}`);
      batches.push({ seq, said, events: events.slice(at, at + event_count) });
      at += event_count;
    }
    windows.push({ window_id: windowId, batches });
  }
  if (at !== events.length) throw malformed("windows", `tell of ${at} events, and there are ${events.length}`);
  return windows;
}

const NOTHING = new Uint8Array();

function valid<T extends z.ZodType>(schema: T, slice: Uint8Array | undefined, path: string): z.infer<T> {
  const known = schema.safeParse(slice && parsed(slice, path, FACTS_BYTES_MAX));
  if (!known.success) throw malformedAt(path, known.error);
  return known.data;
}
