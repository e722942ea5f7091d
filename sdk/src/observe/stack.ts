import type { Watched } from "./host.ts";
import { cut, scrubAddresses } from "./text.ts";

const LINES_MAX = 20;
const LINE_MAX = 300;

/** The lines of an error's stack that are places, innermost first. */
export function stackLines(host: Watched, { stack = "" }: Error): string[] {
  const places = String(stack)
    .split("\n")
    .filter((line) => /:\d+/.test(line) && /^\s+at |@/.test(line));
  return places.slice(0, LINES_MAX).map((line) => cut(scrubAddresses(host, line.trim().replace(/^at /, "")), LINE_MAX));
}
