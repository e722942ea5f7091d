/** What a site lets be recorded, and what its project does from afar (`settings.ts`). */
import { fits } from "./glob.ts";

/** One, or several: texts in which `*` stands for any characters, several of them parted by commas, or regular expressions. */
export type UrlPatterns = string | RegExp | readonly (string | RegExp)[];

export interface Rules {
  /** The part of sessions that is recorded, 0 to 1, by the session's id. Beside the project's own rate. Default 1. */
  sampleRate?: number | undefined;
  /** Keeps the last minute of a session that the rate leaves out in memory, and records it from there on at an error. */
  sampleOnError?: boolean | undefined;
  /** Keeps the last minute in memory until `track` is called with this name, and records the session from there on. */
  startOnEvent?: string | undefined;
  /** A session that does not last so long (ms, at most an hour) is not sent. Default 0. */
  minDurationMs?: number | undefined;
  /** Only these addresses are recorded: a whole URL or a whole path each. Default all. */
  recordUrls?: UrlPatterns | undefined;
  /** These are not, whatever `recordUrls` says. */
  ignoreUrls?: UrlPatterns | undefined;
}

/** Whether a pattern fits the whole of `location`'s address or path; a regular expression any part of the address. */
export function matches(patterns: UrlPatterns | undefined, { href, pathname }: Location): boolean {
  return [patterns ?? []].flat().some((pattern: string | RegExp) => {
    if (typeof pattern !== "string") return href.search(pattern) >= 0;
    return pattern
      .split(",")
      .map((text) => text.trim())
      .some((text) => fits(text, href) || fits(text, pathname));
  });
}

/** A number that may come as text, within its bounds; `fallback` where it is none. */
export function within(value: unknown, fallback: number, min: number, max: number): number {
  const number = Number(value ?? Number.NaN);
  return Number.isNaN(number) ? fallback : Math.min(Math.max(number, min), max);
}
