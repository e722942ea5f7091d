/** What is taken in of a file: counted while it is read, and held to what the edge takes, so that none becomes a dead letter. */
import { RrwebEvent } from "#protocol/event.ts";
import { FRAMED_INFLATED_BYTES_MAX, TIMESTAMP_MS_MAX } from "#protocol/limits.ts";
import { malformed, malformedAt } from "./file-json.ts";
import type { FileRecording, FileWindow } from "./recording.ts";

/** Of a file, inflated. */
export const IMPORT_BYTES_MAX = 256 * 1024 * 1024;
/** Each is held as a slice of the file, which costs more than the shortest events themselves. */
const EVENTS_MAX = 1_000_000;
/** Each is a row of its own: more of them could not be written while somebody waits. */
export const BATCHES_MAX = 100_000;

const Times = RrwebEvent.pick({ type: true, timestamp: true });

export class Intake {
  readonly #eventsMax: number;
  #events = 0;
  #firstTs = Number.POSITIVE_INFINITY;
  #lastTs = Number.NEGATIVE_INFINITY;

  constructor(eventsMax = EVENTS_MAX) {
    this.#eventsMax = eventsMax;
  }

  /** @throws Refusal `body_malformed` that names the place */
  take(event: unknown, path: string): void {
    const known = Times.safeParse(event);
    if (!known.success) throw malformedAt(path, known.error);
    if (++this.#events > this.#eventsMax) throw malformed(path, `more than ${this.#eventsMax} events`);
    this.#firstTs = Math.min(this.#firstTs, known.data.timestamp);
    this.#lastTs = Math.max(this.#lastTs, known.data.timestamp);
  }

  recording(windows: FileWindow[]): FileRecording {
    if (this.#events === 0) throw malformed("events", "none");
    if (this.#lastTs > TIMESTAMP_MS_MAX) throw malformed("events", "of no time");
    let batches = 0;
    let events = 0;
    for (const batch of windows.flatMap((window) => window.batches)) {
      if (++batches > BATCHES_MAX) throw malformed("events", `more than ${BATCHES_MAX} batches`);
      events += batch.events.length;
      const bytes = batch.events.reduce((sum, event) => sum + event.byteLength + 1, 2);
      if (bytes > FRAMED_INFLATED_BYTES_MAX) throw malformed(`events.${events - 1}`, "too large, or its batch is");
    }
    return { windows, events: this.#events, firstTs: this.#firstTs, lastTs: this.#lastTs };
  }
}
