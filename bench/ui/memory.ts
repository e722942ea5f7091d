/** What a replay holds after much of it was played, against what it holds soon after its beginning. */
import type { Page } from "playwright-core";
import type { Figure, Progress } from "../figure.ts";
import type { Rig } from "./rig.ts";

/** Of the session, at 16×: a minute of a person's, and five. */
const SOON_MS = 16 * 60_000;
const LATER_MS = 80 * 60_000;
const GOAL = 1.2;

export async function memoryFigure(rig: Rig, progress: Progress): Promise<Figure> {
  return rig.onPage(async (page) => {
    progress("ui: playing at 16×");
    await page.goto(rig.sessionUrl.long);
    await page.getByRole("button", { name: "Speed: 1×" }).click();
    await page.getByRole("menuitem", { name: "16×" }).click();
    const soon = await heldAt(page, SOON_MS);
    progress("ui: playing on at 16×");
    const later = await heldAt(page, LATER_MS);
    return {
      bench: "ui.memory",
      ratio: later / soon,
      goal: GOAL,
      better: "lower",
      detail: `${inMb(later)} MB held after ${minutes(LATER_MS)} minutes of a session, ${inMb(soon)} after ${minutes(SOON_MS)}`,
    };
  });
}

/** Bytes of the page's own objects once the playhead is there, after a collection. */
async function heldAt(page: Page, momentMs: number): Promise<number> {
  const slider = page.getByRole("slider", { name: "Moment of the session" });
  while (Number(await slider.getAttribute("aria-valuenow")) * 1_000 < momentMs) await page.waitForTimeout(1_000);
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

const inMb = (bytes: number) => (bytes / 1e6).toFixed(0);
const minutes = (ms: number) => ms / 60_000;
