/** How many batches a second the edge takes while NATS is away, and what its memory does meanwhile. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Figure, median } from "../figure.ts";
import { type LoadResult, runLoad } from "./load.ts";
import { CONNECTIONS, type Setting, WARM_UP_MS } from "./setting.ts";

const TURNS = 5;
const TURN_MS = 2_500;
const GOAL = 0.4;
/** An hour of 200 batches a second, in as many as are taken in a minute. */
const OUTAGE_MS = 60_000;
const QUARTERS = 4;
const MEMORY_GOAL = 1.15;

export async function outageFigures({ rig, requests, progress }: Setting): Promise<Figure[]> {
  const empty = await rig.startEmpty();
  const edge = await rig.startEdge();
  const load = (port: number, ms: number) => runLoad({ port, connections: CONNECTIONS, requests: requests.framed, ms });
  progress("edge: warming up, spool");
  await load(edge.port, WARM_UP_MS / 4);
  await rig.nats.stop();
  await sleep(500);
  await load(empty.port, WARM_UP_MS / 2);
  await load(edge.port, WARM_UP_MS);
  const turns: { ratio: number; base: number; spooled: number }[] = [];
  for (let turn = 1; turn <= TURNS; turn++) {
    progress(`edge: spool, turn ${turn} of ${TURNS}`);
    const base = await load(empty.port, TURN_MS);
    const spooled = await load(edge.port, TURN_MS);
    expectAll(spooled);
    turns.push({ ratio: spooled.perSecond / base.perSecond, base: base.perSecond, spooled: spooled.perSecond });
  }
  const of = (pick: (turn: (typeof turns)[number]) => number) => Math.round(median(turns.map(pick)));

  const memory: number[] = [];
  let batches = 0;
  for (let quarter = 1; quarter <= QUARTERS; quarter++) {
    progress(`edge: memory in an outage, quarter ${quarter} of ${QUARTERS}`);
    batches += (await load(edge.port, OUTAGE_MS / QUARTERS)).answers;
    memory.push(residentMb(edge.engine.pid));
  }
  return [
    {
      bench: "edge.spool",
      ratio: median(turns.map(({ ratio }) => ratio)),
      goal: GOAL,
      better: "higher",
      detail: `NATS is away: ${of(({ spooled }) => spooled)} of ${of(({ base }) => base)} requests a second, framed, 10 KB`,
    },
    {
      bench: "edge.memory",
      ratio: (memory.at(-1) ?? Number.NaN) / (memory[0] ?? Number.NaN),
      goal: MEMORY_GOAL,
      better: "lower",
      detail: `resident memory of workerd after each quarter of ${batches} batches spooled: ${memory.map(Math.round).join(", ")} MB`,
    },
  ];
}

function residentMb(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

function expectAll({ statuses }: LoadResult): void {
  for (const status of statuses.keys()) if (status !== 202) throw new Error(`the edge answered ${status}`);
}
