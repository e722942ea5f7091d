/** The API's figures: how soon a replay begins, and how fast a recording is read whole. */
import type { Figure, Progress } from "../figure.ts";
import { firstStretchFigures } from "./first-stretch.ts";
import { ndjsonFigure } from "./ndjson.ts";
import { openRig } from "./rig.ts";

export async function apiBench(wanted: string, progress: Progress): Promise<Figure[]> {
  const isWanted = (bench: string) => bench.startsWith(wanted) || wanted.startsWith(bench);
  progress("api: starting the engines");
  const rig = await openRig();
  const figures: Figure[] = [];
  try {
    if (isWanted("api.first-stretch")) figures.push(...(await firstStretchFigures(rig, progress)));
    if (isWanted("api.ndjson")) figures.push(await ndjsonFigure(rig, progress));
  } finally {
    await rig.close();
  }
  return figures.filter(({ bench }) => bench.startsWith(wanted));
}
