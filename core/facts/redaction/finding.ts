import type { RuleName } from "./rules.ts";

/** Something in a text that a rule wants made unreadable. */
export interface Finding {
  rule: RuleName;
  /** Of an own expression. */
  name?: string;
  /** Ranges of UTF-16 units, in order, `end` exclusive. What lies between them stays. */
  cells: [start: number, end: number][];
}

export type Finder = (text: string) => Finding[];

export function maskChar(char: string): string {
  return /\s/.test(char) ? char : "*";
}
