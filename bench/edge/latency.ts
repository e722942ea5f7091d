/** What a 202 takes when the edge is half busy. */
import { type Figure, median } from "../figure.ts";
import { percentile, runLoad } from "./load.ts";
import { CONNECTIONS, type Setting, WARM_UP_MS } from "./setting.ts";

const TURNS = 5;
const TURN_MS = 3_000;
const GOAL = 3;

export async function latencyFigures({ rig, requests, progress }: Setting): Promise<Figure[]> {
  const empty = await rig.startEmpty();
  const edge = await rig.startEdge();
  const load = (port: number, ms: number, rate?: number) =>
    runLoad({ port, connections: CONNECTIONS, requests: requests.framed, ms, ...(rate && { rate }) });
  progress("edge: warming up, p99");
  await load(edge.port, WARM_UP_MS);
  const full = { empty: (await load(empty.port, TURN_MS)).perSecond, edge: (await load(edge.port, TURN_MS)).perSecond };
  const turns: { ratio: number; base: number; durable: number }[] = [];
  for (let turn = 1; turn <= TURNS; turn++) {
    progress(`edge: p99 at half load, turn ${turn} of ${TURNS}`);
    const base = percentile(await load(empty.port, TURN_MS, full.empty / 2), 0.99);
    const durable = percentile(await load(edge.port, TURN_MS, full.edge / 2), 0.99);
    turns.push({ ratio: durable / base, base, durable });
  }
  const of = (pick: (turn: (typeof turns)[number]) => number) => median(turns.map(pick)).toFixed(1);
  return [
    {
      bench: "edge.p99",
      ratio: median(turns.map(({ ratio }) => ratio)),
      goal: GOAL,
      better: "lower",
      detail:
        `p99 of a durable 202 at ${Math.round(full.edge / 2)} a second, ${of(({ durable }) => durable)} ms, against the ` +
        `empty handler's at ${Math.round(full.empty / 2)} a second, ${of(({ base }) => base)} ms; each at half of its own most`,
    },
  ];
}
