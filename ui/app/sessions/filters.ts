/** The filters of the sessions list as they stand in the address, and as the API takes them: each is a kind of filter-kinds.ts. */
import type { z } from "zod";
import type { filtersOnly } from "#core/api/queries/session-filters.ts";
import { periodOf } from "../period.ts";
import { withSearch } from "../search.ts";
import type { FilterKind } from "./filter-kind.ts";
import { KINDS, kindNamed } from "./filter-kinds.ts";

type ApiFilters = z.input<typeof filtersOnly>;

export const SORTS = [
  { value: "newest", label: "Newest first" },
  { value: "longest", label: "Longest first" },
  { value: "most_active", label: "Most active first" },
  { value: "most_events", label: "Most events first" },
  { value: "most_errors", label: "Most errors first" },
] as const;
export type Sort = (typeof SORTS)[number]["value"];

/** One filter in force. */
export interface Filter {
  kind: FilterKind;
  value: string;
}

/** What the address asks for, in its order; a value that cannot be is as if it were not there. */
export function filtersOf(search: URLSearchParams): Filter[] {
  const filters: Filter[] = [];
  for (const [name, given] of search) {
    const kind = kindNamed(name);
    const value = kind?.accepts(given.trim());
    if (!kind || !value) continue;
    const others = filters.filter((filter) => filter.kind === kind);
    if (others.length >= (kind.most ?? 1) || others.some((other) => other.value === value)) continue;
    filters.push({ kind, value });
  }
  const names = new Set(filters.map(({ kind }) => kind.name));
  return filters.filter(({ kind }) => !kind.needs || names.has(kind.needs));
}

export function sortOf(search: URLSearchParams): Sort {
  return SORTS.find(({ value }) => value === search.get("sort"))?.value ?? "newest";
}

/** The filters as the API takes them, without the period: what a segment keeps. */
export function apiFilters(filters: readonly Filter[]): ApiFilters {
  const asked: Record<string, string | string[]> = {};
  for (const { kind, value } of filters) {
    const sent = kind.seconds ? String(Number(value) * 1000) : value;
    if (kind.most) asked[kind.param] = [...(asked[kind.param] ?? []), sent];
    else asked[kind.param] = sent;
  }
  // Every kind accepts only what its parameter can be; the API checks it once more.
  return asked as ApiFilters;
}

/** The time that a list is of: a period, days that its filters name, or all that is kept. */
export function spanOf(search: URLSearchParams): "period" | "days" | "all" {
  const names = new Set(filtersOf(search).map(({ kind }) => kind.name));
  if (names.has("from") || names.has("to")) return "days";
  // A person or a collection is looked at as a whole, unless a period is asked for.
  return search.has("period") || !(names.has("person") || names.has("collection")) ? "period" : "all";
}

/** The same in words, after "in". */
export function spanInWords(search: URLSearchParams): string {
  const span = spanOf(search);
  if (span === "period") return periodOf(search).words;
  return span === "days" ? "those days" : "all that is kept";
}

/** The API's query for an address of the list, but for its order and page. */
export function filtersQuery(search: URLSearchParams, now: number): ApiFilters {
  const asked = apiFilters(filtersOf(search));
  if (spanOf(search) !== "period") return asked;
  return { from: new Date(now - periodOf(search).ms).toISOString(), ...asked };
}

/** The API's query for an address of the list. */
export function sessionsQuery(search: URLSearchParams, now: number) {
  const cursor = search.get("cursor");
  const sort = sortOf(search);
  return { ...filtersQuery(search, now), ...(sort !== "newest" && { sort }), ...(cursor && { cursor }) };
}

/** The address of a list with the filters that a segment keeps; what this console does not know is left out. */
export function addressOf(kept: Record<string, string | string[]>): URLSearchParams {
  const search = new URLSearchParams();
  for (const kind of KINDS) {
    for (const sent of [kept[kind.param] ?? []].flat()) {
      search.append(kind.name, kind.seconds ? String(Math.round(Number(sent) / 1000)) : sent);
    }
  }
  return search;
}

/** Whether two addresses have the same filters, in whatever order. */
export function isSameList(one: URLSearchParams, other: URLSearchParams): boolean {
  const told = (search: URLSearchParams) =>
    filtersOf(search)
      .map(({ kind, value }) => `${kind.name}=${value}`)
      .sort()
      .join("&");
  return told(one) === told(other);
}

/** The address with one more filter, at the list's beginning; of a kind that stands once it takes the other's place. */
export function withFilter(search: URLSearchParams, { kind, value }: Filter): string {
  if (!kind.most) return withSearch(search, { cursor: null, [kind.name]: value });
  return withSearch(new URLSearchParams([...search, [kind.name, value]]), { cursor: null });
}

export function withSort(search: URLSearchParams, sort: Sort): string {
  return withSearch(search, { cursor: null, sort: sort === "newest" ? null : sort });
}

/** The address without any filter. */
export function withoutFilters(search: URLSearchParams): string {
  return `?${new URLSearchParams([...search].filter(([name]) => name !== "cursor" && !kindNamed(name)))}`;
}

export interface FilterChip {
  name: string;
  /** `path contains /checkout` */
  words: string;
  /** The address without this filter. */
  without: string;
}

/** The filters in force, as sentences. @param names of collections, by their ids */
export function chipsOf(search: URLSearchParams, names: Record<string, string> = {}): FilterChip[] {
  return filtersOf(search).map(({ kind, value }) => {
    const rest = [...search].filter(([name, given]) => {
      if (name === "cursor" || kindNamed(name)?.needs === kind.name) return false;
      return name !== kind.name || (kind.most !== undefined && kind.accepts(given.trim()) !== value);
    });
    const said = kind.name === "collection" ? (names[value] ?? "one that is gone") : value;
    return { name: kind.name, words: kind.words(said), without: `?${new URLSearchParams(rest)}` };
  });
}
