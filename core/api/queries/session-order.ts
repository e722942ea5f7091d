/** The orders in which sessions are listed, and where a page of a list ended. */
import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { Moment } from "../parameters.ts";

export const SORTS = ["newest", "longest", "most_active", "most_events", "most_errors"] as const;
export type Sort = (typeof SORTS)[number];

const byNumber = z.tuple([z.enum(["longest", "most_active", "most_events", "most_errors"]), z.int().min(0), z.guid()]);

/** The moment of what was last, with its microseconds, and its id. */
export const NewestCursor = z.tuple([Moment, z.guid()]);
export type NewestCursor = z.infer<typeof NewestCursor>;

/** That of `newest`; in other orders the order, its number and the session's id. */
export const ListCursor = z.union([NewestCursor, byNumber]);
export type ListCursor = z.infer<typeof ListCursor>;

/** Whether a cursor was given by a list of this order. */
export function isOf(cursor: ListCursor, sort: Sort): boolean {
  return sort === (cursor.length === 2 ? "newest" : cursor[0]);
}

/** Greatest first; of equals, the greatest id. @param back the other way round */
export function inOrder(sql: Sql, sort: Sort, back = false) {
  const direction = back ? sql`ASC` : sql`DESC`;
  return sql`${measure(sql, sort)} ${direction}, session_id ${direction}`;
}

/** Where a session stands in the order; `toCursorPlace` makes a cursor of it. */
export function place(sql: Sql, sort: Sort) {
  return sort === "newest"
    ? sql`to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    : sql`${measure(sql, sort)}::text`;
}

export function toCursorPlace(sort: Sort, place: string, sessionId: string): ListCursor {
  return sort === "newest" ? [place, sessionId] : [sort, Number(place), sessionId];
}

/** A cursor's moment for Postgres. As text: of a timestamp the driver would keep the milliseconds only. */
export function momentOf(sql: Sql, moment: NewestCursor[0]) {
  return sql`${moment}::text::timestamptz`;
}

/** @param cursor of a list of this order @param back what comes before it */
export function after(sql: Sql, sort: Sort, cursor: ListCursor, back = false) {
  const here = sql`(${measure(sql, sort)}, session_id)`;
  const there =
    cursor.length === 2
      ? sql`(${momentOf(sql, cursor[0])}, ${cursor[1]}::uuid)`
      : sql`(${cursor[1]}::bigint, ${cursor[2]}::uuid)`;
  return back ? sql`${here} > ${there}` : sql`${here} < ${there}`;
}

function measure(sql: Sql, sort: Sort) {
  switch (sort) {
    case "newest":
      return sql`started_at`;
    case "longest":
      // µs: whole numbers, which a cursor can say exactly
      return sql`(extract(epoch FROM ended_at - started_at) * 1000000)::bigint`;
    case "most_active":
      return sql`active_ms`;
    case "most_events":
      return sql`event_count`;
    case "most_errors":
      return sql`error_count::bigint`;
  }
}
