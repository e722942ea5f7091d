/**
 * The recorder's figures in Chromium, beside three others from npm and beside rrweb alone, on the same scripted pages. The
 * order changes from round to round, and the medians of the rounds are compared.
 */
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { launchChromium } from "../../test/support/chromium.ts";
import { type Figure, isWanted, median, type Progress } from "../figure.ts";
import { filesOf, installPeers, rrwebAlone } from "./bundles.ts";
import { type Cost, costOf } from "./measure.ts";
import { OURS, PAGE_ALONE, RECORDERS, RRWEB } from "./recorders.ts";
import { VISITS } from "./visits.ts";

const ROUNDS = 3;
const SIZE_GOAL = 1.2;
const RRWEB_GOAL = 1.05;
/** No more than the least of the others. */
const LEAST_GOAL = 1;

export async function sdkBench(wanted: string, progress: Progress): Promise<Figure[]> {
  progress("sdk: fetching the others from npm");
  await installPeers();
  const files = new Map<string, Map<string, string>>();
  for (const recorder of RECORDERS) files.set(recorder.name, await filesOf(recorder));
  const figures: Figure[] = [];
  if (isWanted(wanted, "sdk.size")) figures.push(...(await sizeFigures(files)));
  const browser = await launchChromium();
  try {
    if (["sdk.thread", "sdk.longest"].some((bench) => isWanted(wanted, bench)))
      figures.push(...(await threadFigures(browser, files, progress)));
    if (["sdk.bytes", "sdk.requests"].some((bench) => isWanted(wanted, bench)))
      figures.push(...(await minuteFigures(browser, files, progress)));
  } finally {
    await browser.close();
  }
  return figures.filter(({ bench }) => bench.startsWith(wanted));
}

type Files = ReadonlyMap<string, ReadonlyMap<string, string>>;

async function sizeFigures(files: Files): Promise<Figure[]> {
  const weight = (text: string) => gzipSync(text, { level: 9 }).byteLength / 1024;
  const first = (name: string) => weight([...(files.get(name)?.values() ?? [])][0] ?? "");
  const rrweb = weight(await rrwebAlone());
  const others = otherNames().map((name) => `${name} ${first(name).toFixed(1)}`);
  const lazy = [...(files.get(OURS)?.values() ?? [])].slice(1).map((text) => weight(text).toFixed(1));
  return [
    {
      bench: "sdk.size",
      ratio: first(OURS) / rrweb,
      goal: SIZE_GOAL,
      better: "lower",
      detail: `KiB gzipped: ${first(OURS).toFixed(1)}, @rrweb/record alone ${rrweb.toFixed(1)}, ${others.join(", ")}; loaded later: ${lazy.join(" + ") || "nothing"}`,
    },
  ];
}

async function threadFigures(browser: Browser, files: Files, progress: Progress): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const visit of VISITS) {
    const costs = new Map<string, Cost[]>(RECORDERS.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const recorder of rotated(RECORDERS, round)) {
        progress(`sdk: ${visit.name}, ${recorder.name}, round ${round + 1} of ${ROUNDS}`);
        costs.get(recorder.name)?.push(await costOf(browser, recorder, files.get(recorder.name) ?? new Map(), visit));
      }
    }
    const typical = (name: string, of: keyof Cost) => median((costs.get(name) ?? []).map((cost) => cost[of]));
    const told = (of: keyof Cost) => RECORDERS.map(({ name }) => `${name} ${Math.round(typical(name, of))}`).join(", ");
    const least = (of: keyof Cost) => Math.min(...otherNames().map((name) => typical(name, of)));
    figures.push(
      {
        bench: `sdk.thread.rrweb.${visit.id}`,
        ratio: typical(OURS, "mainThreadMs") / typical(RRWEB, "mainThreadMs"),
        goal: RRWEB_GOAL,
        better: "lower",
        detail: `${visit.name}: main thread, ms: ${told("mainThreadMs")}`,
      },
      {
        bench: `sdk.thread.others.${visit.id}`,
        ratio:
          (typical(OURS, "mainThreadMs") - typical(PAGE_ALONE, "mainThreadMs")) /
          (least("mainThreadMs") - typical(PAGE_ALONE, "mainThreadMs")),
        goal: LEAST_GOAL,
        better: "lower",
        detail: `${visit.name}: what recording adds to the page, against the least of the others`,
      },
      {
        bench: `sdk.longest.${visit.id}`,
        ratio: typical(OURS, "longestMs") / Math.max(least("longestMs"), 50),
        goal: LEAST_GOAL,
        better: "lower",
        detail: `${visit.name}: longest task, ms (0: none of 50): ${told("longestMs")}`,
      },
    );
  }
  return figures;
}

async function minuteFigures(browser: Browser, files: Files, progress: Progress): Promise<Figure[]> {
  const costs = new Map<string, Cost>();
  for (const recorder of RECORDERS.filter(({ name }) => name === OURS || otherNames().includes(name))) {
    progress(`sdk: a minute, ${recorder.name}`);
    costs.set(recorder.name, await costOf(browser, recorder, files.get(recorder.name) ?? new Map(), "minute"));
  }
  const figure = (bench: string, of: "bytes" | "requests", what: string): Figure => {
    const others = otherNames().map((name) => costs.get(name)?.[of] ?? Number.NaN);
    return {
      bench,
      ratio: (costs.get(OURS)?.[of] ?? Number.NaN) / Math.min(...others),
      goal: LEAST_GOAL,
      better: "lower",
      detail: `${what} in a minute of use, against the least of the others: ${[...costs].map(([name, cost]) => `${name} ${cost[of]}`).join(", ")}`,
    };
  };
  return [figure("sdk.bytes", "bytes", "bytes sent"), figure("sdk.requests", "requests", "requests")];
}

function otherNames(): string[] {
  return RECORDERS.map(({ name }) => name).filter((name) => ![OURS, PAGE_ALONE, RRWEB].includes(name));
}

function rotated<T>(items: readonly T[], by: number): T[] {
  return items.map((_, i) => items[(i + by) % items.length] as T);
}
