/** The filters of the sessions list as they stand in the address, in words, and as the API takes them. */
import { periodOf } from "../period.ts";

const TEXT_MAX = 512;
const EVENT_NAME_MAX = 200;

/** Lengths that can be chosen as the least, in seconds. */
export const DURATIONS = [
  { value: "10", label: "10 s" },
  { value: "60", label: "1 min" },
  { value: "300", label: "5 min" },
  { value: "900", label: "15 min" },
] as const;

export const BROWSERS = [
  "Chrome",
  "Microsoft Edge",
  "Firefox",
  "Safari",
  "Opera",
  "Samsung Internet for Android",
] as const;

/** Names of the address's parameters; a value that cannot be is as if it were not there. */
const PARAMETERS = {
  user: (value: string) => clipped(value),
  url: (value: string) => clipped(value),
  browser: (value: string) => clipped(value),
  country: (value: string) => (/^[a-z]{2}$/i.test(value) ? value.toUpperCase() : null),
  longer: (value: string) => (/^[1-9]\d{0,5}$/.test(value) ? value : null),
  event: (value: string) => (value.length <= EVENT_NAME_MAX ? clipped(value) : null),
  errors: (value: string) => (value === "true" ? value : null),
  failed: (value: string) => (value === "true" ? value : null),
  rage: (value: string) => (value === "true" ? value : null),
  hidden: (value: string) => (value === "include" ? value : null),
} satisfies Record<string, (value: string) => string | null>;

export type FilterName = keyof typeof PARAMETERS;
export type Filters = Partial<Record<FilterName, string>>;

export function filtersOf(search: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const name of Object.keys(PARAMETERS) as FilterName[]) {
    const value = PARAMETERS[name](search.get(name)?.trim() ?? "");
    if (value !== null) filters[name] = value;
  }
  return filters;
}

/** The API's query for an address of the list. */
export function sessionsQuery(search: URLSearchParams, now: number) {
  const { user, url, browser, country, longer, event, errors, failed, rage, hidden } = filtersOf(search);
  const cursor = search.get("cursor");
  return {
    from: new Date(now - periodOf(search).ms).toISOString(),
    ...(user && { user }),
    ...(url && { url }),
    ...(browser && { browser }),
    ...(country && { country }),
    ...(longer && { min_duration_ms: String(Number(longer) * 1000) }),
    ...(event && { event }),
    ...(errors && { has_errors: "true" as const }),
    ...(failed && { has_failed_requests: "true" as const }),
    ...(rage && { has_rage_clicks: "true" as const }),
    ...(hidden && { bots: "include" as const, internal: "include" as const }),
    ...(cursor && { cursor }),
  };
}

export interface FilterChip {
  name: FilterName;
  /** `path contains /checkout` */
  words: string;
  /** The address without this filter. */
  without: string;
}

/** The filters in force, as sentences. */
export function chipsOf(search: URLSearchParams): FilterChip[] {
  return Object.entries(filtersOf(search)).map(([name, value]) => {
    const rest = new URLSearchParams(search);
    rest.delete(name);
    rest.delete("cursor");
    return { name: name as FilterName, words: inWords(name as FilterName, value), without: `?${rest}` };
  });
}

function inWords(name: FilterName, value: string): string {
  switch (name) {
    case "user":
      return `person contains ${value}`;
    case "url":
      return `path contains ${value}`;
    case "browser":
      return `browser is ${value}`;
    case "country":
      return `from ${value}`;
    case "longer":
      return `longer than ${DURATIONS.find((d) => d.value === value)?.label ?? `${value} s`}`;
    case "event":
      return `had ${value}`;
    case "errors":
      return "with errors";
    case "failed":
      return "with failed requests";
    case "rage":
      return "with rage clicks";
    case "hidden":
      return "bots and own visits too";
  }
}

const clipped = (value: string) => (value === "" ? null : value.slice(0, TEXT_MAX));
