import type { BatchSaid, FileBatch } from "./recording.ts";

const BATCH_BYTES = 1024 * 1024;
const BATCH_EVENTS = 500;

/** The batches of a window in a file that does not say how it was cut. */
export function cut(events: Uint8Array[], said: BatchSaid): FileBatch[] {
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
