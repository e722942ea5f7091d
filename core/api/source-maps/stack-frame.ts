/** A line of a stack as browsers write it, `at fn (url:1:2)` or `fn@url:1:2`, with the place that it names. Pure. */

export interface StackFrame {
  function: string;
  /** Of the script, without host and leading slash. */
  path: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
}

const LINE_MAX = 500;
const CHROME = /^(?:at )?(?:(?<fn>.*?) \()?(?<file>[^()\s]+?):(?<line>\d{1,9}):(?<column>\d{1,9})\)?$/;
const OTHERS = /^(?<fn>(?:(?!:\/\/)[^@])*)@(?<file>.*?):(?<line>\d{1,9}):(?<column>\d{1,9})$/;

/** @returns null where the line names no place in a script of the web */
export function stackFrame(text: string): StackFrame | null {
  const short = text.trim().slice(0, LINE_MAX);
  const { fn = "", file = "", line, column } = (OTHERS.exec(short) ?? CHROME.exec(short))?.groups ?? {};
  const url = URL.parse(file);
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  return { function: fn, path: url.pathname.slice(1), line: Number(line), column: Number(column) };
}
