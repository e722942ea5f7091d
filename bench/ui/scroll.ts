/** The longest task while a list of very many sessions is scrolled through its first thousand. */
import type { Page } from "playwright-core";
import { insertSessions } from "../api/synthetic-sessions.ts";
import type { Figure, Progress } from "../figure.ts";
import { longestTaskMs } from "./longest-task.ts";
import type { Rig } from "./rig.ts";

const SESSIONS = 100_000;
/** In pixels: a thousand rows. */
const DEPTH = 45_000;
const WHEEL = 700;
const GIVE_UP_MS = 180_000;
/** From which on a task is a long one. */
const LONG_TASK_MS = 50;

export async function scrollFigure(rig: Rig, progress: Progress): Promise<Figure> {
  progress(`ui: making ${SESSIONS.toLocaleString("en")} sessions`);
  await insertSessions(rig.api.sql, 1, SESSIONS);
  return rig.onPage(async (page) => {
    progress("ui: scrolling");
    const since = new Date(Date.now() - 90 * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`${rig.uiUrl}/projects/1/sessions?from=${since}`, { waitUntil: "networkidle" });
    let reached = 0;
    const longest = await longestTaskMs(page, async () => {
      reached = await scrolled(page);
    });
    const isThere = reached >= DEPTH;
    return {
      bench: "ui.scroll",
      ratio: isThere ? longest / LONG_TASK_MS : null,
      goal: 1,
      better: "lower",
      detail: isThere
        ? `longest task ${longest.toFixed(0)} ms of ${LONG_TASK_MS} over ${DEPTH} px of ${SESSIONS} sessions, by the processor`
        : `of ${SESSIONS} sessions only ${reached} px could be scrolled`,
    };
  });
}

/** Turns the wheel with each frame. @returns how far it came */
async function scrolled(page: Page): Promise<number> {
  const givesUpAt = Date.now() + GIVE_UP_MS;
  await page.mouse.move(700, 500);
  let reached = 0;
  while (reached < DEPTH && Date.now() < givesUpAt) {
    await page.mouse.wheel(0, WHEEL);
    reached = await page.evaluate(() => new Promise<number>((done) => requestAnimationFrame(() => done(scrollY))));
  }
  return reached;
}
