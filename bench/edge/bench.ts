/**
 * The edge's figures, against an empty Hono handler that reads the body and answers 202, in bare workerd on this machine:
 * load generator, nats-server (syncing always) and workerd share its processors. The two are measured in turn, and the
 * median of the turns' ratios is the figure.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildIfStale, EDGE_BUILD } from "#stack/builds.ts";
import type { Figure, Progress } from "../figure.ts";
import { framedRequests, jsonRequests } from "./bodies.ts";
import { bundleFigures } from "./bundle.ts";
import { drainFigures } from "./drain.ts";
import { durableFigures } from "./durable.ts";
import { latencyFigures } from "./latency.ts";
import { outageFigures } from "./outage.ts";
import { openRig } from "./rig.ts";

const PARTS = [
  { names: ["edge.durable", "edge.syncs"], run: durableFigures },
  { names: ["edge.p99"], run: latencyFigures },
  { names: ["edge.spool", "edge.memory"], run: outageFigures },
  { names: ["edge.drain"], run: drainFigures },
  { names: ["edge.bundle", "edge.startup"], run: bundleFigures },
];

export async function edgeBench(wanted: string, progress: Progress): Promise<Figure[]> {
  const parts = PARTS.filter(({ names }) => names.some((name) => name.startsWith(wanted) || wanted.startsWith(name)));
  progress("edge: building");
  await buildIfStale(EDGE_BUILD, join(tmpdir(), "rrhog-bench-build.log"), new AbortController().signal);
  progress("edge: reading a recording");
  const requests = {
    json: await jsonRequests(),
    framed: await framedRequests(false),
    gzip: await framedRequests(true),
  };
  const figures: Figure[] = [];
  for (const { run } of parts) {
    const rig = await openRig();
    try {
      figures.push(...(await run({ rig, requests, progress })));
    } finally {
      await rig.close();
    }
  }
  return figures.filter(({ bench }) => bench.startsWith(wanted));
}
