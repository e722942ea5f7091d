/**
 * Reads a recording out of a file's bytes: our own export, plain rrweb JSON (an array of events, or `{ "events": […] }`),
 * and PostHog's export of a recording (posthog.ts). Events are slices of the file, checked and never rewritten, but for
 * PostHog's compressed ones.
 */
import { isUtf8 } from "node:buffer";
import { cut } from "./cut.ts";
import { cutAsExported } from "./exported.ts";
import { elementsOf, malformed, membersOf, parsed, Turn } from "./file-json.ts";
import { Intake } from "./intake.ts";
import { readPostHog } from "./posthog.ts";
import { type FileRecording, NAMELESS_WINDOW } from "./recording.ts";

/**
 * @param signal ends the reading
 * @throws Refusal `body_malformed` that names the place
 */
export async function readRecording(text: Uint8Array, signal: AbortSignal): Promise<FileRecording> {
  if (!isUtf8(text)) throw malformed("", "not UTF-8");
  const whole = trimmed(text);
  const turn = new Turn(signal);
  const intake = new Intake();
  const members = whole[0] === OPEN_OBJECT ? await membersOf(whole, "", turn) : null;
  const data = members?.get("data");
  if (data && members?.has("version")) return intake.recording(await readPostHog(data, intake, turn));
  const array = whole[0] === OPEN_ARRAY ? whole : members?.get("events");
  if (!array) throw malformed("", "neither rrweb events, a session's export, nor PostHog's export of a recording");
  const events: Uint8Array[] = [];
  for await (const event of elementsOf(array, "events", turn)) {
    const path = `events.${events.length}`;
    intake.take(parsed(event, path), path);
    events.push(event);
  }
  const windows = members?.get("windows");
  return intake.recording(
    windows ? await cutAsExported(events, windows, turn) : [{ window_id: NAMELESS_WINDOW, batches: cut(events, {}) }],
  );
}

const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;

function trimmed(text: Uint8Array): Uint8Array {
  let start = 0;
  let end = text.byteLength;
  while (start < end && (text[start] as number) <= 0x20) start++;
  while (end > start && (text[end - 1] as number) <= 0x20) end--;
  return text.subarray(start, end);
}
