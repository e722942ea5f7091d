/** The people whom a project's sessions show, by the ids that the site gave them (`identify`). */
import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { askPostgres, QUERY_MS } from "../engines/answer.ts";
import { isoDate, Moment, storableText } from "../parameters.ts";
import type { ReadProject } from "./projects.ts";
import { containing } from "./session-filters.ts";
import { momentOf } from "./session-order.ts";
import { readable } from "./sessions.ts";

export const Person = z
  .object({
    user_id: z.string().openapi({ description: "as the site gave it" }),
    email: z.string().nullable(),
    session_count: z.int(),
    first_seen: z.iso.datetime(),
    last_seen: z.iso.datetime(),
    country: z.string().nullable().openapi({ description: "this and the next three: of the session seen last" }),
    browser: z.string().nullable(),
    os: z.string().nullable(),
    device: z.string().nullable(),
  })
  .openapi("RecordedPerson");
export type Person = z.infer<typeof Person>;

export const Device = z
  .object({
    browser: z.string().nullable(),
    os: z.string().nullable(),
    device: z.string().nullable(),
    country: z.string().nullable(),
    session_count: z.int(),
    last_seen: z.iso.datetime(),
  })
  .openapi("RecordedDevice");
export type Device = z.infer<typeof Device>;

const PersonRow = Person.extend({ first_seen: isoDate, last_seen: isoDate });
const ListedRow = PersonRow.extend({ place: z.string(), session_id: z.string() });
const DeviceRow = Device.extend({ last_seen: isoDate });

/** Where a page of the list ended: when the last of it was seen, in which session, and who it is. */
export const PeopleCursor = z.tuple([Moment, z.guid(), storableText.max(256)]);
type PeopleCursor = z.infer<typeof PeopleCursor>;

export interface PeopleAsked {
  /** Part of an id or an e-mail address. */
  search?: string | undefined;
  /** Only these, where given. */
  among?: readonly string[] | undefined;
  limit: number;
  cursor?: PeopleCursor | undefined;
}

/**
 * The latest seen first. Each person stands at the newest of their sessions that can be read, so a page costs what it
 * holds, however many people there are.
 */
export async function listPeople(
  sql: Sql,
  project: ReadProject,
  { search, among, limit, cursor }: PeopleAsked,
): Promise<{ people: Person[]; last: PeopleCursor | null }> {
  const like = search && containing(search);
  const rows = await askPostgres(
    sql`
      WITH page AS MATERIALIZED (
        SELECT p.user_id, p.last_at, p.session_id, country, browser, os, device
        FROM session_people p JOIN sessions_meta USING (project_id, session_id)
        WHERE ${readable(sql, project)} AND p.project_id = ${project.id} AND ${isNewest(sql, project)}
          ${among ? sql`AND p.user_id = ANY (${[...among]})` : sql``}
          ${
            like
              ? sql`AND p.user_id IN (
                  SELECT s.user_id FROM session_people s
                  WHERE s.project_id = ${project.id} AND (s.user_id ILIKE ${like} OR s.email ILIKE ${like}))`
              : sql``
          }
          ${
            cursor
              ? sql`AND (p.last_at, p.session_id, p.user_id) < (${momentOf(sql, cursor[0])}, ${cursor[1]}::uuid, ${cursor[2]})`
              : sql``
          }
        ORDER BY p.last_at DESC, p.session_id DESC, p.user_id DESC LIMIT ${limit + 1}
      )
      SELECT page.user_id, page.session_id, page.last_at AS last_seen, page.country, page.browser, page.os, page.device,
        ${totals(sql)},
        to_char(page.last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS place
      FROM page CROSS JOIN LATERAL (${sessionsOf(sql, project, sql`page.user_id`)}) AS s
      GROUP BY page.user_id, page.session_id, page.last_at, page.country, page.browser, page.os, page.device
      ORDER BY page.last_at DESC, page.session_id DESC, page.user_id DESC`,
    QUERY_MS,
  );
  const listed = z.array(ListedRow).parse(rows.slice(0, limit));
  const last = rows.length > limit ? listed.at(-1) : undefined;
  return {
    people: listed.map(({ place: _, session_id: __, ...person }) => person),
    last: last ? [last.place, last.session_id, last.user_id] : null,
  };
}

export async function findPerson(sql: Sql, project: ReadProject, userId: string): Promise<Person | null> {
  const { people } = await listPeople(sql, project, { among: [userId], limit: 1 });
  return people[0] ?? null;
}

const DEVICES_MAX = 20;

/** What a person came with, the latest first. */
export async function devicesOf(sql: Sql, project: ReadProject, userId: string): Promise<Device[]> {
  const rows = await askPostgres(
    sql`
      SELECT browser, os, device, country, count(*)::int AS session_count, max(last_at) AS last_seen
      FROM (${sessionsOf(sql, project, sql`${userId}`)}) AS s
      GROUP BY browser, os, device, country ORDER BY last_seen DESC LIMIT ${DEVICES_MAX}`,
    QUERY_MS,
  );
  return z.array(DeviceRow).parse(rows);
}

/** The newest sessions of a person. */
export async function newestSessionsOf(
  sql: Sql,
  project: ReadProject,
  userId: string,
  limit: number,
): Promise<string[]> {
  const rows = await askPostgres(sql<{ session_id: string }[]>`
    SELECT session_id FROM (${sessionsOf(sql, project, sql`${userId}`)}) AS s
    ORDER BY last_at DESC, session_id DESC LIMIT ${limit}`);
  return rows.map(({ session_id }) => session_id);
}

/** Whether no later session that can be read shows the person of `p`. */
function isNewest(sql: Sql, project: ReadProject) {
  return sql`NOT EXISTS (
    SELECT FROM session_people l JOIN sessions_meta USING (project_id, session_id)
    WHERE ${readable(sql, project)} AND l.project_id = ${project.id} AND l.user_id = p.user_id
      AND (l.last_at, l.session_id) > (p.last_at, p.session_id))`;
}

function sessionsOf(sql: Sql, project: ReadProject, userId: ReturnType<Sql>) {
  return sql`
    SELECT o.session_id, o.email, o.first_at, o.last_at, browser, os, device, country
    FROM session_people o JOIN sessions_meta USING (project_id, session_id)
    WHERE ${readable(sql, project)} AND o.project_id = ${project.id} AND o.user_id = ${userId}`;
}

/** Of one person's sessions `s`. The address is the latest that any of them tells. */
function totals(sql: Sql) {
  return sql`
    count(*)::int AS session_count, min(s.first_at) AS first_seen,
    (array_agg(s.email ORDER BY s.last_at DESC) FILTER (WHERE s.email IS NOT NULL))[1] AS email`;
}

const PersonInSession = z.object({
  session_id: z.string(),
  user_id: z.string(),
  user_email: z.string().nullable(),
  first_at: isoDate,
  last_at: isoDate,
});

/** Of those sessions that name others too, by id, what they tell of this person alone. */
export async function sharedAmong(
  sql: Sql,
  projectId: number,
  userId: string,
  sessions: readonly { session_id: string }[],
): Promise<Map<string, z.infer<typeof PersonInSession>>> {
  const ids = sessions.map(({ session_id }) => session_id);
  const rows = await askPostgres(
    sql`
      SELECT p.session_id, p.user_id, p.email AS user_email, p.first_at, p.last_at
      FROM session_people p
      WHERE p.project_id = ${projectId} AND p.user_id = ${userId} AND p.session_id = ANY(${ids}::uuid[])
        AND EXISTS (SELECT FROM session_people o WHERE o.project_id = p.project_id
          AND o.session_id = p.session_id AND o.user_id <> p.user_id)`,
    QUERY_MS,
  );
  const read = z.array(PersonInSession).parse(rows);
  return new Map(read.map((person) => [person.session_id, person]));
}
