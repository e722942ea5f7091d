/**
 * The console's figures in Chromium: how soon a replay shows its first frame and goes to a moment, beside plain
 * rrweb-player with the same recording; whether a list of very many sessions scrolls without a stall; the scripts of the
 * sessions page; what playing on does to memory.
 */
import { type Figure, isWanted, type Progress } from "../figure.ts";
import { firstFrameFigures } from "./first-frame.ts";
import { memoryFigure } from "./memory.ts";
import { openRig } from "./rig.ts";
import { scriptsFigure } from "./scripts.ts";
import { scrollFigure } from "./scroll.ts";
import { seekFigure } from "./seek.ts";

export async function uiBench(wanted: string, progress: Progress): Promise<Figure[]> {
  progress("ui: building the console, starting the engines");
  const rig = await openRig();
  const figures: Figure[] = [];
  try {
    if (isWanted(wanted, "ui.first-frame")) figures.push(...(await firstFrameFigures(rig, progress)));
    if (isWanted(wanted, "ui.seek")) figures.push(await seekFigure(rig, progress));
    if (isWanted(wanted, "ui.memory")) figures.push(await memoryFigure(rig, progress));
    if (isWanted(wanted, "ui.scripts")) figures.push(await scriptsFigure(rig, progress));
    if (isWanted(wanted, "ui.scroll")) figures.push(await scrollFigure(rig, progress));
  } finally {
    await rig.close();
  }
  return figures.filter(({ bench }) => bench.startsWith(wanted));
}
