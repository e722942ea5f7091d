/** How fast what is recorded is read: parsing its events, folding them and telling span facts, against parsing alone, in turn. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { FoldEvent } from "#core/facts/dom/fold.ts";
import type { IndexedBatch } from "#core/facts/play-order.ts";
import { WindowReader } from "#core/facts/spans/window-facts.ts";
import { type Figure, median } from "../figure.ts";

const RECORDINGS = ["price-board", "staff-table", "api-explorer", "patchwork"];
const GOAL = 0.3;
const TURNS = 7;

const BATCH: IndexedBatch = {
  window_id: "w",
  seq: 0,
  batch_id: "00000000-0000-4000-8000-000000000000",
  first_received_at: 0,
  first_ts: 0,
  last_ts: 0,
  event_count: 0,
  events_bytes: 0,
  full_snapshot_idx: [],
  full_snapshot_ts: [],
  is_end: true,
  url: "",
  user_id: null,
  version: 0,
};

/** Each event's own JSON text. */
function recordings(): string[][] {
  return RECORDINGS.map((name) => {
    const file = new URL(`../../test/recordings/${name}.json.gz`, import.meta.url);
    const events = JSON.parse(gunzipSync(readFileSync(file)).toString()) as unknown[];
    return events.map((event) => JSON.stringify(event));
  });
}

export function speedFigure(): Figure {
  const texts = recordings();
  const bytes = texts.flat().reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const parse = () => {
    let events = 0;
    for (const text of texts.flat()) events += (JSON.parse(text) as FoldEvent).type >= 0 ? 1 : 0;
    return events;
  };
  const fold = () => {
    for (const recording of texts) {
      const reader = new WindowReader("w");
      for (const [idx, text] of recording.entries()) reader.take(BATCH, idx, JSON.parse(text) as FoldEvent);
      reader.end();
    }
  };
  const turns = Array.from({ length: TURNS }, () => ({ parse: secondsOf(parse), fold: secondsOf(fold) }));
  const rate = (seconds: number) => Math.round(bytes / seconds / 1e6);
  const [parsing, folding] = [median(turns.map((turn) => turn.parse)), median(turns.map((turn) => turn.fold))];
  return {
    bench: "facts.speed",
    ratio: median(turns.map((turn) => turn.parse / turn.fold)),
    goal: GOAL,
    better: "higher",
    detail: `${rate(folding)} MB/s folded and told, ${rate(parsing)} MB/s parsed only: ${(bytes / 1e6).toFixed(1)} MB of ${texts.length} recordings, ${texts.flat().length} events`,
  };
}

function secondsOf(work: () => unknown): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1_000;
}
