/**
 * A project's own expressions, in time that no pattern and no text can stretch: by RE2, which never goes back in a text
 * (no backreferences, no lookaround). Finding all matches may still read the rest of a text once a match, so texts are
 * looked at in pieces and what is read for it is counted: beyond the budget the rest is taken for a match. Steps and not
 * time, for the same text must become the same at every attempt.
 */
import { RE2JS } from "re2js";
import type { Finding } from "./finding.ts";
import type { OwnRule } from "./rules.ts";

/** Instructions of a compiled expression: each step costs at most so much. */
const PROGRAM_SIZE_MAX = 250;

/** Characters of a piece, and by how many the next begins before its end: no match is longer than found within. */
const PIECE = 1_024;
const OVERLAP = 256;

/** Characters times instructions that may be read to find the matches of one batch: a fraction of a second. */
const STEPS_MAX = 10_000_000;

export interface Budget {
  steps: number;
}

export function newBudget(): Budget {
  return { steps: STEPS_MAX };
}

export type OwnFinder = (text: string, budget: Budget) => Finding[];

/** @returns what finds matches, or why the expression cannot be taken */
export function compileOwn({ name, pattern }: OwnRule): OwnFinder | { refused: string } {
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(pattern);
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
  const size = expression.programSize();
  if (size > PROGRAM_SIZE_MAX) return { refused: `too large: ${size} instructions, at most ${PROGRAM_SIZE_MAX}` };
  if (expression.test("")) return { refused: "it matches the empty text" };
  return (text, budget) => {
    if (!expression.test(text)) return [];
    const cells: [number, number][] = [];
    for (let from = 0; from < text.length; from += PIECE - OVERLAP) {
      const piece = text.slice(from, from + PIECE);
      const matcher = expression.matcher(piece);
      let at = 0;
      for (;;) {
        budget.steps -= (piece.length - at) * size;
        if (budget.steps < 0) return [{ rule: "own", name, cells: [[0, text.length]] }];
        if (!matcher.find()) break;
        at = Math.max(matcher.end(), at + 1);
        if (matcher.end() > matcher.start()) cells.push([from + matcher.start(), from + matcher.end()]);
      }
      if (from + PIECE >= text.length) break;
    }
    return joined(cells).map((cell) => ({ rule: "own", name, cells: [cell] }));
  };
}

/** Pieces overlap, and so may what is found in them. */
function joined(cells: [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [start, end] of cells.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}
