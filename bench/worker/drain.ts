/** How fast a backlog goes through the pipeline, against plain INSERTs of its rows, a naive worker, and two workers. */
import { LOT_BYTES_MAX } from "#core/worker/pipeline.ts";
import { type Figure, median, type Progress } from "../figure.ts";
import { BATCHES_A_MESSAGE, messagesOf, type Sealed, streamed } from "./backlog.ts";
import { insertPlain, plainBlocks } from "./plain.ts";
import type { Rig, Storage } from "./rig.ts";
import { drain, NAIVE_WORKER, WORKER } from "./workers.ts";

const TURNS = 3;
const BATCHES = 4_000;
/** The naive worker takes some hundredths of a second for each. */
const NAIVE_BATCHES = 200;
const DRAIN_GOAL = 0.5;
const ROWS_GOAL = 5;
const TWO_GOAL = 1.5;

interface Turn {
  /** MB of events a second. */
  plain: number;
  one: number;
  two: number;
  naive: number;
  /** Seconds of processor time. */
  plainCpu: number;
  workerCpu: number;
  clickhouseCpu: number;
}

export interface Drained {
  figures: Figure[];
  /** Of one worker. */
  batchesPerSecond: number;
}

export async function drainFigures(rig: Rig, stretches: readonly Sealed[], progress: Progress): Promise<Drained> {
  progress("worker: making a backlog");
  const batches = [...streamed(stretches, BATCHES)];
  const naiveBatches = batches.slice(0, NAIVE_BATCHES);
  const blocks = plainBlocks(batches);
  const megabytes = (of: typeof batches) => of.reduce((sum, { envelope }) => sum + envelope.events_length, 0) / 1e6;

  const workers = async (count: number) => {
    await rig.fillStream(messagesOf(batches, BATCHES_A_MESSAGE));
    return withStorage(rig, async (storage) => {
      const drained = await drain(rig, storage, { program: WORKER, count });
      await expectLoaded(storage, batches.length);
      return drained;
    });
  };

  const turns: Turn[] = [];
  for (let turn = 1; turn <= TURNS; turn++) {
    const say = (what: string) => progress(`worker: turn ${turn} of ${TURNS}, ${what}`);
    say("plain inserts");
    const plain = await withStorage(rig, (storage) => insertPlain(rig, storage, blocks));
    say("one worker");
    const one = await workers(1);
    say("two workers");
    const two = await workers(2);
    say("a naive worker");
    await rig.fillStream(messagesOf(naiveBatches, 1));
    const naive = await withStorage(rig, (storage) => drain(rig, storage, { program: NAIVE_WORKER, count: 1 }));
    turns.push({
      plain: megabytes(batches) / plain.seconds,
      one: megabytes(batches) / one.seconds,
      two: megabytes(batches) / two.seconds,
      naive: megabytes(naiveBatches) / naive.seconds,
      plainCpu: plain.clickhouseCpu,
      workerCpu: one.workerCpu,
      clickhouseCpu: one.clickhouseCpu,
    });
  }

  const of = (pick: (turn: Turn) => number) => median(turns.map(pick));
  const show = (pick: (turn: Turn) => number) => of(pick).toFixed(1);
  const one = show((turn) => turn.one);
  const figures: Figure[] = [
    {
      bench: "worker.drain",
      ratio: of((turn) => turn.one / turn.plain),
      goal: DRAIN_GOAL,
      better: "higher",
      detail:
        `${one} of ${show(({ plain }) => plain)} MB of events a second, ${BATCHES} batches in blocks of ${LOT_BYTES_MAX >> 20} MiB; processor time ` +
        `${show(({ workerCpu }) => workerCpu)} s of the worker (its start included) and ${show(({ clickhouseCpu }) => clickhouseCpu)} s ` +
        `of ClickHouse, against ${show(({ plainCpu }) => plainCpu)} s of ClickHouse for the plain inserts`,
    },
    {
      bench: "worker.rows",
      ratio: of((turn) => turn.one / turn.naive),
      goal: ROWS_GOAL,
      better: "higher",
      detail: `${one} of ${of(({ naive }) => naive).toFixed(2)} MB of events a second, by an insert and an ack for each batch (${NAIVE_BATCHES} of them)`,
    },
    {
      bench: "worker.two",
      ratio: of((turn) => turn.two / turn.one),
      goal: TWO_GOAL,
      better: "higher",
      detail: `${show(({ two }) => two)} MB of events a second by two workers, ${one} by one; NATS, Postgres and ClickHouse on the same processors`,
    },
  ];
  return { figures, batchesPerSecond: of((turn) => turn.one) / (megabytes(batches) / BATCHES) };
}

async function withStorage<T>(rig: Rig, work: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = await rig.openStorage();
  try {
    return await work(storage);
  } finally {
    await storage.drop();
  }
}

/** Whatever is measured, it loaded each batch. */
export async function expectLoaded({ clickhouse }: Storage, batches: number): Promise<void> {
  const query = "SELECT toUInt32(uniqExact(batch_id)) AS loaded FROM batches";
  const result = await clickhouse.query({ query, format: "JSONEachRow" });
  const [row] = await result.json<{ loaded: number }>();
  if (row?.loaded !== batches) throw new Error(`${row?.loaded} batches are loaded, not ${batches}`);
}
