/** How long a person who goes to a random moment of three hours waits for it, in the console and in plain rrweb-player. */
import type { Page } from "playwright-core";
import { type Figure, type Progress, percentile } from "../figure.ts";
import { servePlainPlayer } from "./plain-player.ts";
import type { Rig } from "./rig.ts";

const SEEKS = 40;
const GOAL_MS = 1_000;
const PERCENTILE = 0.95;
/** The same moments in each run. */
const SEED = 20_261_126;

export async function seekFigure(rig: Rig, progress: Progress): Promise<Figure> {
  const plain = await servePlainPlayer(await rig.longEvents());
  try {
    return await rig.onPage((replay) =>
      rig.onPage(async (alone) => {
        await replay.goto(rig.sessionUrl.long);
        await replay.locator('[data-phase="ready"]').waitFor();
        await alone.goto(plain.url);
        await alone.waitForFunction(() => "player" in window);
        await alone.evaluate(() => (window as unknown as PlainPlayerWindow).player.pause());
        const times = { console: [] as number[], plain: [] as number[] };
        const share = randomShares(SEED);
        for (let seek = 1; seek <= SEEKS; seek++) {
          progress(`ui: seeks, ${seek} of ${SEEKS}`);
          const at = share();
          times.console.push(await seekInConsole(replay, at));
          times.plain.push(await seekInPlain(alone, at));
        }
        const [ours, theirs] = [percentile(times.console, PERCENTILE), percentile(times.plain, PERCENTILE)];
        return {
          bench: "ui.seek",
          ratio: ours / GOAL_MS,
          goal: 1,
          better: "lower",
          detail:
            `p95 of ${SEEKS} seeks in 3 hours: ${ours.toFixed(0)} ms of ${GOAL_MS}, ` +
            `rrweb-player with all of it ${theirs.toFixed(0)} ms`,
        };
      }),
    );
  } finally {
    plain.close();
  }
}

/** A click on the timeline while it plays, until it plays there. Only the page that is measured plays. */
async function seekInConsole(page: Page, share: number): Promise<number> {
  await page.bringToFront();
  await page
    .getByRole("button", { name: "Play", exact: true })
    .or(page.getByRole("button", { name: "Pause" }))
    .waitFor();
  const play = page.getByRole("button", { name: "Play", exact: true });
  if (await play.isVisible()) await play.click();
  const box = await page.getByRole("slider", { name: "Moment of the session" }).boundingBox();
  if (!box) throw new Error("there is no timeline");
  await page.evaluate(watchSeek);
  await page.mouse.click(box.x + box.width * share, box.y + box.height / 2);
  const ms = await page.evaluate(() => (window as unknown as Sought).sought);
  await page.getByRole("button", { name: "Pause" }).click();
  return ms;
}

interface Sought {
  sought: Promise<number>;
}

/** Runs in the page: measures from the next press to the first frame for painting with the moment on it. */
function watchSeek(): void {
  const sought = new Promise<number>((resolve) => {
    addEventListener(
      "pointerdown",
      ({ timeStamp }) => {
        const look = () => {
          const phase = document.querySelector<HTMLElement>("[data-phase]")?.dataset.phase;
          const frames = document.querySelectorAll<HTMLIFrameElement>(".replayer-wrapper iframe");
          const isThere = frames.length === 1 && frames[0]?.contentDocument?.body?.firstElementChild;
          if (phase === "ready" && isThere) resolve(performance.now() - timeStamp);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      },
      { once: true, capture: true },
    );
  });
  Object.assign(window, { sought });
}

interface PlainPlayerWindow {
  player: { getMetaData(): { totalTime: number }; goto(ms: number, play: boolean): void; pause(): void };
}

async function seekInPlain(page: Page, share: number): Promise<number> {
  await page.bringToFront();
  return page.evaluate(async (to) => {
    const { player } = window as unknown as PlainPlayerWindow;
    const began = performance.now();
    player.goto(player.getMetaData().totalTime * to, true);
    await new Promise(requestAnimationFrame);
    const ms = performance.now() - began;
    player.pause();
    return ms;
  }, share);
}

/** Between 2 and 98 hundredths; mulberry32. */
function randomShares(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return 0.02 + (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * 0.96;
  };
}
