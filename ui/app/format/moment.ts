/** Points in time, in the viewer's zone. English forms throughout, so that server and browser write the same. */

const DAY_MS = 86_400_000;

const DAY = { day: "numeric", month: "short" } as const;
const FORMS = {
  time: { hour: "2-digit", minute: "2-digit" },
  weekday: { weekday: "short" },
  dayOfYear: DAY,
  day: { ...DAY, year: "numeric" },
  fullDay: { ...DAY, weekday: "short", year: "numeric" },
  exact: {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** How a list names a moment: `14:02` today, `Tue 14:02` within six days, `12 Mar 14:02`, `12 Mar 2025` for another year. */
export function shortMoment(at: Date, now: Date, timeZone: string): string {
  const time = written(at, "time", timeZone);
  const day = written(at, "day", timeZone);
  const today = written(now, "day", timeZone);
  if (day === today) return time;
  if (now.getTime() - at.getTime() < 6 * DAY_MS && at < now) return `${written(at, "weekday", timeZone)} ${time}`;
  return day.slice(-4) === today.slice(-4) ? `${written(at, "dayOfYear", timeZone)} ${time}` : day;
}

/** How a heading names it: `Tue 12 Mar 2026, 14:02`. */
export function fullMoment(at: Date, timeZone: string): string {
  return `${written(at, "fullDay", timeZone)}, ${written(at, "time", timeZone)}`;
}

/** All of it, for a title: `Tuesday, 12 March 2026 at 14:02:09 GMT+1`. */
export function exactMoment(at: Date, timeZone: string): string {
  return written(at, "exact", timeZone);
}

/** Whether a cookie's text names a zone that this engine knows. */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** A format takes far longer to make than to use, and a list writes hundreds of moments. A server meets many zones. */
const ZONES_KEPT = 50;
const formatsByZone = new Map<string, Partial<Record<keyof typeof FORMS, Intl.DateTimeFormat>>>();

function written(at: Date, form: keyof typeof FORMS, timeZone: string): string {
  const formats = formatsByZone.get(timeZone) ?? {};
  if (!formatsByZone.has(timeZone)) {
    if (formatsByZone.size >= ZONES_KEPT) formatsByZone.clear();
    formatsByZone.set(timeZone, formats);
  }
  formats[form] ??= new Intl.DateTimeFormat("en-GB", { timeZone, ...FORMS[form] });
  return formats[form].format(at);
}
