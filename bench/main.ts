/**
 * npm run bench: all benchmarks; npm run bench -- NAME: those whose name begins so. A table, then one JSON line a figure:
 * `{ "bench", "ratio", "goal", "met", "detail" }`. Ratios compare two things of one run, since machines differ and are
 * noisy; but the console's seeks, tasks and scripts are shares of what people bear, which is a second, 50 ms and 200 KiB. It exits non-zero where one could not be run, not where a figure falls short.
 */
import { parseArgs } from "node:util";
import { apiBench } from "./api/bench.ts";
import { edgeBench } from "./edge/bench.ts";
import { factsBench } from "./facts/bench.ts";
import { type Figure, isMet, type Progress } from "./figure.ts";
import { sdkBench } from "./sdk/bench.ts";
import { uiBench } from "./ui/bench.ts";
import { workerBench } from "./worker/bench.ts";

const BENCHES: Record<string, (wanted: string, progress: Progress) => Promise<Figure[]>> = {
  edge: edgeBench,
  worker: workerBench,
  sdk: sdkBench,
  facts: factsBench,
  api: apiBench,
  ui: uiBench,
};

const { positionals } = parseArgs({ allowPositionals: true });
const wanted = positionals[0] ?? "";
const chosen = Object.entries(BENCHES).filter(([name]) => name.startsWith(wanted) || wanted.startsWith(`${name}.`));
if (chosen.length === 0) {
  console.error(`bench: there is no ${wanted}. There are: ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}

const progress: Progress = (what) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
  else process.stderr.write(`${what}\n`);
};

const figures: Figure[] = [];
for (const [, bench] of chosen) figures.push(...(await bench(wanted, progress)));
if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");

const rows = figures.map((figure) => [
  figure.bench,
  figure.ratio === null ? "–" : figure.ratio.toFixed(3),
  `${figure.better === "higher" ? "≥" : "≤"} ${figure.goal}`,
  isMet(figure) ? "met" : "not met",
  figure.detail,
]);
const header = ["bench", "ratio", "goal", "", "detail"];
const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)));
for (const row of [header, ...rows]) {
  console.log(
    row
      .map((cell, column) => (column === 4 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
console.log("");
for (const figure of figures) {
  const { bench, ratio, goal, detail } = figure;
  console.log(JSON.stringify({ bench, ratio, goal, met: isMet(figure), detail }));
}
process.exit(0);
