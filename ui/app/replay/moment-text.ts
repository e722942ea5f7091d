/** A moment of a session as text, to be put into a message or a ticket. Pure. */
import { clock } from "../format/duration.ts";
import { eventInWords } from "../format/event.ts";
import { headline, type TimelineItem } from "./timeline-item.ts";

/** What is told is so near to it. */
const AROUND_MS = 10_000;
const LINE_MAX = 160;

interface MomentOfSession {
  /** Whose session it is. */
  who: string;
  page: string | null;
  timeMs: number;
  /** Address of the moment. */
  link: string;
  /** What happened, in time order. */
  items: readonly TimelineItem[];
}

export function momentText({ who, page, timeMs, link, items }: MomentOfSession): string {
  const around = items.filter(({ at_ms }) => Math.abs(at_ms - timeMs) <= AROUND_MS);
  return [
    [who, clock(timeMs), page].filter(Boolean).join(" · "),
    link,
    ...(around.length > 0 ? ["", ...around.map(line)] : []),
    "",
  ].join("\n");
}

function line(item: TimelineItem): string {
  const words = `${eventInWords(item.type)} ${headline(item)}`.replace(/\s+/g, " ").trim();
  return `${clock(item.at_ms)} ${words.length > LINE_MAX ? `${words.slice(0, LINE_MAX)}…` : words}`;
}
