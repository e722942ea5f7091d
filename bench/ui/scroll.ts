/** The longest task while a list of very many sessions is scrolled through thousands of its rows. */

import { insertSessions } from "../api/synthetic-sessions.ts";
import type { Figure, Progress } from "../figure.ts";
import type { Rig } from "./rig.ts";
import type { Watched } from "./watch-frames.ts";

const SESSIONS = 100_000;
/** In pixels: some 3,000 rows. */
const DEPTH = 132_000;
const WHEEL = 700;
const GIVE_UP_MS = 120_000;
/** From which on a task is a long one. */
const LONG_TASK_MS = 50;

export async function scrollFigure(rig: Rig, progress: Progress): Promise<Figure> {
  progress(`ui: making ${SESSIONS.toLocaleString("en")} sessions`);
  await insertSessions(rig.api.sql, 1, SESSIONS);
  return rig.onPage(async (page) => {
    progress("ui: scrolling");
    const since = new Date(Date.now() - 90 * 86_400_000).toISOString().slice(0, 10);
    await page.goto(`${rig.uiUrl}/projects/1/sessions?from=${since}`, { waitUntil: "networkidle" });
    await page.mouse.move(700, 500);
    await page.evaluate(() => {
      (window as unknown as { watched: Watched }).watched.longestTask = 0;
    });
    const givesUpAt = Date.now() + GIVE_UP_MS;
    let reached = 0;
    while (reached < DEPTH && Date.now() < givesUpAt) {
      await page.mouse.wheel(0, WHEEL);
      reached = await page.evaluate(() => new Promise<number>((done) => requestAnimationFrame(() => done(scrollY))));
    }
    const longest = await page.evaluate(() => (window as unknown as { watched: Watched }).watched.longestTask);
    const isThere = reached >= DEPTH;
    return {
      bench: "ui.scroll",
      ratio: isThere ? longest / LONG_TASK_MS : null,
      goal: 1,
      better: "lower",
      detail: isThere
        ? `longest task ${longest.toFixed(0)} ms (0: none of ${LONG_TASK_MS}) over ${DEPTH} px of ${SESSIONS} sessions`
        : `the list of ${SESSIONS} sessions ends after ${reached} px`,
    };
  });
}
