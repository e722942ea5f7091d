/** The API's figures: lists of many sessions, how soon a batch is watched or a replay begins, how fast a recording is read whole. */
import { type Figure, isWanted, type Progress } from "../figure.ts";
import { firstStretchFigures } from "./first-stretch.ts";
import { listFigure } from "./list.ts";
import { liveFigure } from "./live.ts";
import { ndjsonFigure } from "./ndjson.ts";
import { openRig } from "./rig.ts";

export async function apiBench(wanted: string, progress: Progress): Promise<Figure[]> {
  const figures: Figure[] = [];
  if (isWanted(wanted, "api.list")) figures.push(await listFigure(progress));
  if (isWanted(wanted, "api.live")) figures.push(await liveFigure(progress));
  if (!isWanted(wanted, "api.first-stretch") && !isWanted(wanted, "api.ndjson")) return figures;
  progress("api: starting the engines");
  const rig = await openRig();
  try {
    if (isWanted(wanted, "api.first-stretch")) figures.push(...(await firstStretchFigures(rig, progress)));
    if (isWanted(wanted, "api.ndjson")) figures.push(await ndjsonFigure(rig, progress));
  } finally {
    await rig.close();
  }
  return figures.filter(({ bench }) => bench.startsWith(wanted));
}
