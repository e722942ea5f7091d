/** The figures of core/facts: how fast recordings are folded, and what the fold of a large page holds over hours. */
import type { Figure, Progress } from "../figure.ts";
import { memoryFigure } from "./memory.ts";
import { speedFigure } from "./speed.ts";

export async function factsBench(wanted: string, progress: Progress): Promise<Figure[]> {
  const figures: Record<string, () => Figure> = { "facts.speed": speedFigure, "facts.memory": memoryFigure };
  return Object.entries(figures).flatMap(([bench, measure]) => {
    if (!bench.startsWith(wanted) && !wanted.startsWith(bench)) return [];
    progress(bench.replace(".", ": "));
    return [measure()];
  });
}
