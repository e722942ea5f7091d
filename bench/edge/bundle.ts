/** What the Worker weighs, and what it costs to start it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "#stack/settings.ts";
import { type Figure, median } from "../figure.ts";
import { cpuMs } from "./cpu.ts";
import type { Setting } from "./setting.ts";

const BUNDLE_KIB_MAX = 100;
const STARTS = 5;
/** What the platform gives a Worker to start, ms of processor time. */
const STARTUP_MS_MAX = 1_000;

export async function bundleFigures({ rig, progress }: Setting): Promise<Figure[]> {
  // All that wrangler uploads as the Worker, and as it counts: the recorder's files are static assets.
  const bundle = gzipSync(await readFile(join(ROOT, "edge/dist/index.js"))).byteLength / 1024;

  const starts: { edge: number; empty: number }[] = [];
  for (let start = 1; start <= STARTS; start++) {
    progress(`edge: start ${start} of ${STARTS}`);
    const empty = await rig.startEmpty();
    const edge = await rig.startEdge();
    starts.push({ edge: cpuMs(edge.engine.pid), empty: cpuMs(empty.engine.pid) });
    await empty.engine.stop();
    await edge.engine.stop();
  }
  const edge = median(starts.map(({ edge }) => edge));
  const empty = median(starts.map(({ empty }) => empty));
  return [
    {
      bench: "edge.bundle",
      ratio: bundle / BUNDLE_KIB_MAX,
      goal: 1,
      better: "lower",
      detail: `the Worker is ${bundle.toFixed(1)} KiB gzipped, of ${BUNDLE_KIB_MAX}`,
    },
    {
      bench: "edge.startup",
      ratio: (edge - empty) / STARTUP_MS_MAX,
      goal: 1,
      better: "lower",
      detail: `processor time of workerd from its start to its first answer: ${edge} ms, with the empty handler ${empty} ms; the platform allows ${STARTUP_MS_MAX}`,
    },
  ];
}
