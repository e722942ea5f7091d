/** Sessions of any length out of one recording of a real application, played again and again. */
import { randomUUID } from "node:crypto";
import { readRecording } from "#cli/recording.ts";
import { type BatchFixture, load } from "#core/api/testing/recording.ts";
import type { Rig } from "./rig.ts";

const RECORDING = new URL("../../test/recordings/patchwork.json.gz", import.meta.url).pathname;
/** The recorder's own rhythm is a batch every few seconds. */
const BATCH_MS = 10_000;
/** Inserted at once. */
const LOADED_AT_ONCE = 200;

/** @returns the session's id; the first minute of each length is the same */
export async function loadSession(rig: Rig, lastsMs: number): Promise<string> {
  const session = { projectId: 1, sessionId: randomUUID(), windowId: randomUUID() };
  const start = Date.now() - 86_400_000;
  const batches: BatchFixture[] = [];
  for await (const payloads of batchesOf(start, lastsMs)) {
    batches.push({ ...session, seq: batches.length, payloads, receivedAt: start + batches.length * BATCH_MS });
  }
  for (let at = 0; at < batches.length; at += LOADED_AT_ONCE) {
    await load(rig, ...batches.slice(at, at + LOADED_AT_ONCE));
  }
  return session.sessionId;
}

async function* batchesOf(start: number, lastsMs: number): AsyncGenerator<string[]> {
  const { events } = await readRecording(RECORDING);
  const recorded = events.map((event) => JSON.parse(Buffer.from(event).toString()) as { timestamp: number });
  const [first, last] = [recorded[0]?.timestamp ?? 0, recorded.at(-1)?.timestamp ?? 0];
  let payloads: string[] = [];
  let open = 0;
  for (let played = 0; played < lastsMs; played += last - first) {
    for (const event of recorded) {
      const at = played + event.timestamp - first;
      if (at >= lastsMs) break;
      if (at >= open + BATCH_MS) {
        yield payloads;
        [payloads, open] = [[], at];
      }
      payloads.push(JSON.stringify({ ...event, timestamp: start + at }));
    }
  }
  yield payloads;
}
