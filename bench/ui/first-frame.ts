/** How long a person waits for the first frame: of three hours, against one minute, and against plain rrweb-player. */
import { type Figure, median, type Progress } from "../figure.ts";
import { servePlainPlayer } from "./plain-player.ts";
import type { Rig } from "./rig.ts";
import type { Watched } from "./watch-frames.ts";

const TURNS = 5;
const LENGTH_GOAL = 1.2;
const PLAIN_GOAL = 0.5;

export async function firstFrameFigures(rig: Rig, progress: Progress): Promise<Figure[]> {
  const plain = await servePlainPlayer(await rig.longEvents());
  const urls = { short: rig.sessionUrl.short, long: rig.sessionUrl.long, plain: plain.url };
  const names = Object.keys(urls) as (keyof typeof urls)[];
  const times = { short: [] as number[], long: [] as number[], plain: [] as number[] };
  try {
    // The first turn is not counted: it fills caches.
    for (let turn = 0; turn <= TURNS; turn++) {
      progress(`ui: first frames, turn ${turn} of ${TURNS}`);
      for (let i = 0; i < names.length; i++) {
        const name = names[(i + turn) % names.length] ?? "short";
        const ms = await firstFrameMs(rig, urls[name]);
        if (turn > 0) times[name].push(ms);
      }
    }
  } finally {
    plain.close();
  }
  const [short, long, alone] = [median(times.short), median(times.long), median(times.plain)];
  const base = { better: "lower" as const };
  const told = `of 3 hours in ${long.toFixed(0)} ms`;
  return [
    {
      ...base,
      bench: "ui.first-frame",
      ratio: long / short,
      goal: LENGTH_GOAL,
      detail: `first frame ${told}, of a minute in ${short.toFixed(0)} ms`,
    },
    {
      ...base,
      bench: "ui.first-frame.plain",
      ratio: long / alone,
      goal: PLAIN_GOAL,
      detail: `first frame ${told}, of rrweb-player with all of it in ${alone.toFixed(0)} ms`,
    },
  ];
}

function firstFrameMs(rig: Rig, url: string): Promise<number> {
  return rig.onPage(async (page) => {
    await page.goto(url, { waitUntil: "commit" });
    const at = await page.waitForFunction(() => (window as unknown as { watched: Watched }).watched.firstFrameAt);
    return (await at.jsonValue()) ?? Number.NaN;
  });
}
