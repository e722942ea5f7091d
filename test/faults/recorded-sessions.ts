/** Sessions that play what visitors of real applications did (test/recordings), cut into batches as a recorder does. */
import { join } from "node:path";
import { readRecording } from "#cli/recording.ts";
import { batchesOfSession, type Sessions } from "./contents.ts";

const FOLDER = join(import.meta.dirname, "../recordings");
const NAMES = ["api-explorer", "staff-table", "price-board"];
const EVENTS_MAX = 40;
/** A batch that has so much takes no further event. */
const ENOUGH_BYTES = 64_000;
/** Of a hundred batches. */
const GZIP_SHARE = 70;

export async function recordedSessions(): Promise<Sessions> {
  const recordings = await Promise.all(NAMES.map((name) => readRecording(join(FOLDER, `${name}.json.gz`))));
  return function* () {
    const { events } = recordings[Math.floor(Math.random() * recordings.length)] as (typeof recordings)[number];
    let at = 0;
    for (let left = batchesOfSession(); left > 0 && at < events.length; left--) {
      const wanted = 1 + Math.floor(Math.random() * EVENTS_MAX);
      const from = at;
      for (let bytes = 0; at < events.length && at - from < wanted && bytes < ENOUGH_BYTES; at++) {
        bytes += events[at]?.byteLength ?? 0;
      }
      yield { events: events.slice(from, at), gzip: Math.random() * 100 < GZIP_SHARE };
    }
  };
}
