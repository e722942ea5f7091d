/** The API's figures: lists of many sessions, how soon a batch is watched or a replay begins, how fast a recording is read whole. */
import type { Figure, Progress } from "../figure.ts";
import { firstStretchFigures } from "./first-stretch.ts";
import { listFigure } from "./list.ts";
import { liveFigure } from "./live.ts";
import { ndjsonFigure } from "./ndjson.ts";
import { openRig } from "./rig.ts";

export async function apiBench(wanted: string, progress: Progress): Promise<Figure[]> {
  const isWanted = (bench: string) => bench.startsWith(wanted) || wanted.startsWith(bench);
  const figures: Figure[] = [];
  if (isWanted("api.list")) figures.push(await listFigure(progress));
  if (isWanted("api.live")) figures.push(await liveFigure(progress));
  if (!isWanted("api.first-stretch") && !isWanted("api.ndjson")) return figures;
  progress("api: starting the engines");
  const rig = await openRig();
  try {
    if (isWanted("api.first-stretch")) figures.push(...(await firstStretchFigures(rig, progress)));
    if (isWanted("api.ndjson")) figures.push(await ndjsonFigure(rig, progress));
  } finally {
    await rig.close();
  }
  return figures.filter(({ bench }) => bench.startsWith(wanted));
}
