import { clock } from "./duration.ts";

/** Which part of its session a share link opens. */
export function spanInWords({ from_ms, to_ms }: { from_ms: number; to_ms: number | null }): string {
  if (from_ms === 0 && to_ms === null) return "the whole session";
  return `from ${clock(from_ms)} to ${to_ms === null ? "its end" : clock(to_ms)}`;
}
