/**
 * Lists whose filters are told by both engines. ClickHouse says which sessions have such rows; where those are few, they
 * are all that Postgres looks among. Where they are many, a page is soon full: then Postgres goes through its list in
 * order, and ClickHouse picks from each stretch of it. So a list of any size has all its pages, and each page its bound.
 */
import { SPAN_AFTER_MS, SPAN_BEFORE_MS } from "#core/facts/claim.ts";
import { Refusal } from "../refusal.ts";
import type { Services } from "../services.ts";
import type { ReadProject } from "./projects.ts";
import type { SessionFilters } from "./session-filters.ts";
import type { ListCursor, Sort } from "./session-order.ts";
import { listSessions, type SessionSummary, spanOf } from "./sessions.ts";
import { type Conditions, conditionsOf, type Span, sessionsHaving } from "./sessions-having.ts";

/** So many sessions are few. */
const FEW_MAX = 10_000;
/** Of a list, picked from at a time: a few pages at first, since most of what there are many of is near. */
const STRETCH_MAX = 2_000;
const STRETCH_GROWS = 4;
/** A page ends here, full or not: the next one goes on where it ended. */
const PAGE_MS = 6_000;

const DAY_MS = 24 * 3_600_000;
/** A session's last event is at most so much later than its first, and either that far from when it was first received. */
const EXTENT_MS = SPAN_BEFORE_MS + SPAN_AFTER_MS;

export interface Search {
  services: Pick<Services, "sql" | "clickhouse">;
  project: ReadProject;
  filters: SessionFilters;
  caller: AbortSignal;
}

/** What ClickHouse says of the filters. */
export type Told =
  /** nothing is asked of it */
  | { kind: "nothing" }
  /** these are all */
  | { kind: "few"; ids: readonly string[] }
  | { kind: "many"; conditions: Conditions };

/** @param cursor of a list that is newest first: what comes after it has begun before */
export async function askConditions(
  { services, project, filters, caller }: Search,
  cursor?: ListCursor,
): Promise<Told> {
  const conditions = conditionsOf(filters);
  if (!conditions) return { kind: "nothing" };
  const began = { from: filters.from?.getTime() ?? 0, to: filters.to?.getTime() ?? Number.POSITIVE_INFINITY };
  if (cursor?.length === 2) began.to = Math.min(began.to, Date.parse(cursor[0]) + 1);
  const span = {
    from: Math.max(began.from, Date.now() - project.retention_days * DAY_MS - EXTENT_MS),
    to: Math.min(began.to + EXTENT_MS, Date.now() + EXTENT_MS),
  };
  if (span.from > span.to) return { kind: "few", ids: [] };
  const ids = await sessionsHaving(services.clickhouse, project.id, conditions, { span, limit: FEW_MAX }, caller);
  return ids ? { kind: "few", ids } : { kind: "many", conditions };
}

export interface FoundPage {
  sessions: SessionSummary[];
  /** Where to go on; null where there is nothing more. */
  last: ListCursor | null;
}

export interface PageOptions {
  sort: Sort;
  limit: number;
  cursor?: ListCursor | undefined;
  /** What comes before `cursor`, the nearest first. */
  back?: boolean;
}

/** A page of a list. It may be shorter than `limit`, or empty, where what is looked for is rare in a long list. */
export async function findSessions(search: Search, told: Told, page: PageOptions): Promise<FoundPage> {
  const { services, project, filters } = search;
  if (told.kind === "many") return pickSessions(search, told.conditions, page);
  const among = told.kind === "few" ? told.ids : undefined;
  return listSessions(services.sql, project, filters, { ...page, among });
}

async function pickSessions(search: Search, conditions: Conditions, page: PageOptions): Promise<FoundPage> {
  const { services, project, filters, caller } = search;
  const until = Date.now() + PAGE_MS;
  const found: SessionSummary[] = [];
  let cursor = page.cursor;
  let limit = page.limit;
  do {
    limit = Math.min(limit * STRETCH_GROWS, STRETCH_MAX);
    const stretch = await listSessions(services.sql, project, filters, { ...page, limit, cursor });
    const ids = stretch.sessions.map(({ session_id }) => session_id);
    const span = spanOfAll(stretch.sessions);
    const having = span
      ? await sessionsHaving(services.clickhouse, project.id, conditions, { span, ids, limit }, caller)
      : [];
    if (having === null) {
      throw new Refusal("storage_unavailable", { detail: "looking for such rows takes too long: narrow the period" });
    }
    const picked = new Set(having);
    for (const [i, session] of stretch.sessions.entries()) {
      if (!picked.has(session.session_id)) continue;
      found.push(session);
      const isLast = i === stretch.sessions.length - 1 && stretch.last === null;
      if (found.length === page.limit) return { sessions: found, last: isLast ? null : (stretch.places[i] ?? null) };
    }
    if (stretch.last === null) return { sessions: found, last: null };
    cursor = stretch.last;
  } while (Date.now() < until);
  return { sessions: found, last: cursor };
}

function spanOfAll(sessions: readonly SessionSummary[]): Span | null {
  if (sessions.length === 0) return null;
  const spans = sessions.map(spanOf);
  return {
    from: spans.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY),
    to: spans.reduce((greatest, { to }) => Math.max(greatest, to), 0),
  };
}
