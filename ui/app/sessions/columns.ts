/** The columns of the sessions list beside the person: which there are, which somebody chose, how they share the line. */
import { cookieOf, keepInCookie } from "../cookie.ts";

export const COLUMNS = [
  { id: "way", label: "Way through the site", width: "minmax(8rem, 2.4fr)" },
  { id: "activity", label: "Activity", width: "88px" },
  { id: "length", label: "Length", width: "3.5rem", isFigure: true },
  { id: "active", label: "Active", width: "3.5rem", isFigure: true },
  { id: "pages", label: "Pages", width: "2.75rem", isFigure: true },
  { id: "clicks", label: "Clicks", width: "3rem", isFigure: true },
  { id: "events", label: "Events", width: "3.5rem", isFigure: true },
  { id: "marks", label: "Marks", width: "7.5rem" },
  { id: "from", label: "From", width: "minmax(0, 7rem)" },
  { id: "system", label: "System", width: "minmax(4rem, 8rem)" },
  { id: "release", label: "Release", width: "minmax(4rem, 8rem)" },
  { id: "started", label: "Started", width: "5.75rem", isFigure: true },
] as const satisfies { id: string; label: string; width: string; isFigure?: true }[];

export type ColumnId = (typeof COLUMNS)[number]["id"];

export const USUAL_COLUMNS: readonly ColumnId[] = ["way", "activity", "length", "pages", "marks", "from", "started"];

const COOKIE = "rrhog_columns";

/** As this browser was last told, in the list's own order. */
export function chosenColumns(cookies: string | null): readonly ColumnId[] {
  const kept = cookieOf(cookies, COOKIE);
  if (kept === null) return USUAL_COLUMNS;
  const names = new Set(kept.split("."));
  return COLUMNS.filter(({ id }) => names.has(id)).map(({ id }) => id);
}

export function keepColumns(columns: readonly ColumnId[]): void {
  keepInCookie(COOKIE, columns.join("."));
}

/** What a row and the list's head are laid out by, after the person. */
export function layoutOf(columns: readonly ColumnId[]): React.CSSProperties {
  const widths = COLUMNS.filter(({ id }) => columns.includes(id)).map(({ width }) => width);
  return { "--columns": widths.join(" ") } as React.CSSProperties;
}
