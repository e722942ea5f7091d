/** What a player waits for before its first frame: of a session of hours against one of a minute. */
import { type Figure, median, type Progress } from "../figure.ts";
import type { Rig } from "./rig.ts";
import { loadSession } from "./sessions.ts";

const HOURS_MS = 3 * 3_600_000;
const MINUTE_MS = 60_000;
const TURNS = 40;
const GOAL = 1.2;
/** What the console's player asks for first (ui/app/replay/stretches.ts). */
const FIRST_EVENTS = 400;
const MIDDLE_MS = HOURS_MS / 2;

export async function firstStretchFigures(rig: Rig, progress: Progress): Promise<Figure[]> {
  progress("api: loading sessions of a minute and of three hours");
  const short = await loadSession(rig, MINUTE_MS);
  const long = await loadSession(rig, HOURS_MS);
  progress("api: first stretches");
  const turns: { short: number; long: number; middle: number }[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    turns.push({
      short: await millisecondsOf(rig, short, 0),
      long: await millisecondsOf(rig, long, 0),
      middle: await millisecondsOf(rig, long, MIDDLE_MS),
    });
  }
  const of = (pick: (turn: (typeof turns)[number]) => number) => median(turns.map(pick));
  const base = of((turn) => turn.short);
  const figure = (bench: string, where: string, ms: number): Figure => ({
    bench,
    ratio: ms / base,
    goal: GOAL,
    better: "lower",
    detail: `${FIRST_EVENTS} events ${where} of a session of 3 hours in ${ms.toFixed(1)} ms, of one of a minute in ${base.toFixed(1)} ms`,
  });
  return [
    figure(
      "api.first-stretch",
      "from the beginning",
      of((turn) => turn.long),
    ),
    figure(
      "api.first-stretch.middle",
      "from the middle",
      of((turn) => turn.middle),
    ),
  ];
}

/** Until the last byte of the answer is here. */
async function millisecondsOf({ apiUrl, reader }: Rig, session: string, from: number): Promise<number> {
  const began = performance.now();
  const url = `${apiUrl}/v1/projects/1/sessions/${session}/events?from=${from}&limit=${FIRST_EVENTS}`;
  const answer = await fetch(url, { headers: reader });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return performance.now() - began;
}
