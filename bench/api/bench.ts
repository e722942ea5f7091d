/** The read API's figures. */
import type { Figure, Progress } from "../figure.ts";
import { listFigure } from "./list.ts";

export async function apiBench(wanted: string, progress: Progress): Promise<Figure[]> {
  const measures: Record<string, (progress: Progress) => Promise<Figure>> = { "api.list": listFigure };
  const figures: Figure[] = [];
  for (const [bench, measure] of Object.entries(measures)) {
    if (bench.startsWith(wanted) || wanted.startsWith(bench)) figures.push(await measure(progress));
  }
  return figures;
}
