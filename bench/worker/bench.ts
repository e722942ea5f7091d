/**
 * The worker's figures, on this machine: nats-server (syncing always), ClickHouse's engine, Postgres and the worker's own
 * process share its processors. What is compared is measured in turn, and the median of the turns' ratios is the figure.
 *
 * `BENCH_WORKER_BATCHES` is how many batches drain while the worker's memory is looked at: as many as take about 50 s
 * unless it says otherwise, and `BENCH_WORKER_BATCH_BYTES` how large they are, if not 10 KB of events. A million of 10 KB
 * are some 2 GB on the stream and 17 GB of events.
 */
import { type Figure, isWanted, type Progress } from "../figure.ts";
import { sealStretches } from "./backlog.ts";
import { drainFigures } from "./drain.ts";
import { memoryFigure } from "./memory.ts";
import { openRig } from "./rig.ts";

const MEMORY_S = 50;
/** Where no rate has been measured before. */
const MEMORY_BATCHES = 30_000;

export async function workerBench(wanted: string, progress: Progress): Promise<Figure[]> {
  progress("worker: reading recordings");
  const stretches = await sealStretches();
  progress("worker: starting the engines");
  const rig = await openRig();
  const figures: Figure[] = [];
  try {
    let memoryBatches = Number(process.env.BENCH_WORKER_BATCHES ?? MEMORY_BATCHES);
    if (["worker.drain", "worker.rows", "worker.two"].some((bench) => isWanted(wanted, bench))) {
      const drained = await drainFigures(rig, stretches, progress);
      figures.push(...drained.figures);
      if (!process.env.BENCH_WORKER_BATCHES) memoryBatches = Math.round(drained.batchesPerSecond * MEMORY_S);
    }
    if (isWanted(wanted, "worker.memory")) {
      const bytes = process.env.BENCH_WORKER_BATCH_BYTES;
      const backlog = bytes ? await sealStretches(Number(bytes)) : stretches;
      figures.push(await memoryFigure(rig, backlog, memoryBatches, progress));
    }
  } finally {
    await rig.close();
  }
  return figures.filter(({ bench }) => bench.startsWith(wanted));
}
