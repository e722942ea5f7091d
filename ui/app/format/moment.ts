/** Points in time, in the viewer's zone. English forms throughout, so that server and browser write the same. */

const DAY_MS = 86_400_000;

/** How a list names a moment: `14:02` today, `Tue 14:02` within six days, `12 Mar 14:02`, `12 Mar 2025` for another year. */
export function shortMoment(at: Date, now: Date, timeZone: string): string {
  const time = timeOf(at, timeZone);
  if (dayOf(at, timeZone) === dayOf(now, timeZone)) return time;
  if (now.getTime() - at.getTime() < 6 * DAY_MS && at < now) {
    return `${at.toLocaleDateString("en-GB", { timeZone, weekday: "short" })} ${time}`;
  }
  const sameYear = yearOf(at, timeZone) === yearOf(now, timeZone);
  const date = at.toLocaleDateString("en-GB", {
    timeZone,
    day: "numeric",
    month: "short",
    ...(!sameYear && { year: "numeric" }),
  });
  return sameYear ? `${date} ${time}` : date;
}

/** How a heading names it: `Tue 12 Mar 2026, 14:02`. */
export function fullMoment(at: Date, timeZone: string): string {
  const date = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
  return `${at.toLocaleDateString("en-GB", { timeZone, ...date })}, ${timeOf(at, timeZone)}`;
}

/** All of it, for a title: `Tuesday, 12 March 2026 at 14:02:09 GMT+1`. */
export function exactMoment(at: Date, timeZone: string): string {
  return at.toLocaleString("en-GB", {
    timeZone,
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
}

/** Whether a cookie's text names a zone that this engine knows. */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const timeOf = (at: Date, timeZone: string) =>
  at.toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
const dayOf = (at: Date, timeZone: string) => at.toLocaleDateString("en-CA", { timeZone });
const yearOf = (at: Date, timeZone: string) => dayOf(at, timeZone).slice(0, 4);
