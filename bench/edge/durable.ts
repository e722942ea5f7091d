/** How many batches a second the edge makes durable in the stream, and what they cost the disk. */
import { jetstreamManager } from "@nats-io/jetstream";
import { type Figure, median } from "../figure.ts";
import { type LoadResult, percentile, runLoad } from "./load.ts";
import { CONNECTIONS, type Setting, WARM_UP_MS } from "./setting.ts";

const TURNS = 5;
const TURN_MS = 2_500;
const GOAL = 0.5;
const SYNCS_GOAL = 0.1;

const BODIES = {
  json: "JSON format, 10 KB plain",
  framed: "framed format, 10 KB plain",
  gzip: "framed format, 10 KB of events as 1.2 KB of gzip, inflated by the edge",
};

export async function durableFigures({ rig, requests, progress }: Setting): Promise<Figure[]> {
  const empty = await rig.startEmpty();
  const edge = await rig.startEdge();
  const manager = await jetstreamManager(rig.worker);
  const messages = async () => (await manager.streams.info("EVENTS")).state.last_seq;
  const load = (port: number, kind: keyof typeof BODIES, ms: number) =>
    runLoad({ port, connections: CONNECTIONS, requests: requests[kind], ms });

  const figures: Figure[] = [];
  let stored = 0;
  let answered = 0;
  for (const kind of Object.keys(BODIES) as (keyof typeof BODIES)[]) {
    progress(`edge: warming up, ${kind}`);
    await load(empty.port, kind, WARM_UP_MS / 2);
    await load(edge.port, kind, WARM_UP_MS);
    const turns: { ratio: number; base: LoadResult; durable: LoadResult }[] = [];
    for (let turn = 1; turn <= TURNS; turn++) {
      progress(`edge: durable, ${kind}, turn ${turn} of ${TURNS}`);
      // Else the page cache grows into memory that a virtual machine's host has yet to give: a page then costs a fault, which
      // made nats-server three times as dear from the third gigabyte on, whatever came to it.
      await manager.streams.purge("EVENTS");
      const base = await load(empty.port, kind, TURN_MS);
      const before = await messages();
      const durable = await load(edge.port, kind, TURN_MS);
      stored += (await messages()) - before;
      answered += durable.answers;
      expectAll(durable);
      turns.push({ ratio: durable.perSecond / base.perSecond, base, durable });
    }
    const of = (pick: (turn: (typeof turns)[number]) => number) => Math.round(median(turns.map(pick)));
    figures.push({
      bench: `edge.durable.${kind}`,
      ratio: median(turns.map(({ ratio }) => ratio)),
      goal: GOAL,
      better: "higher",
      detail:
        `${BODIES[kind]}: ${of(({ durable }) => durable.perSecond)} of ${of(({ base }) => base.perSecond)} requests a second, ` +
        `p99 ${of(({ durable }) => percentile(durable, 0.99))} against ${of(({ base }) => percentile(base, 0.99))} ms`,
    });
  }
  figures.push({
    bench: "edge.syncs",
    ratio: stored / answered,
    goal: SYNCS_GOAL,
    better: "lower",
    detail: `${stored} messages, each synced to disk before its PubAck, for ${answered} batches`,
  });
  return figures;
}

function expectAll({ statuses }: LoadResult): void {
  for (const status of statuses.keys()) if (status !== 202) throw new Error(`the edge answered ${status}`);
}
