/** Notes: what people write at a moment of a session. Those of sessions that cannot be read are not there either. */
import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { Colleague } from "../auth/person.ts";
import { askPostgres, QUERY_MS } from "../engines/answer.ts";
import { isoDate } from "../parameters.ts";
import type { ReadProject } from "./projects.ts";
import { momentOf, type NewestCursor } from "./session-order.ts";
import { readable } from "./sessions.ts";

export const Note = z
  .object({
    note_id: z.string(),
    session_id: z.string(),
    at_ms: z.int().openapi({ description: "session time" }),
    text: z.string(),
    author: Colleague.nullable().openapi({ description: "null where their account is gone" }),
    created_at: z.iso.datetime(),
    edited_at: z.iso.datetime().nullable(),
  })
  .openapi("Note");
export type Note = z.infer<typeof Note>;

const NoteRow = Note.extend({ created_at: isoDate, edited_at: isoDate.nullable(), place: z.string() });

/** Where a page of a session's notes ended. */
export const MomentCursor = z.tuple([z.int().min(0), z.guid()]);
export type MomentCursor = z.infer<typeof MomentCursor>;

interface Page<Cursor> {
  limit: number;
  cursor?: Cursor | undefined;
}

/** A session's notes in the order of its time. @param sessionId of a session that can be read */
export async function notesOfSession(
  sql: Sql,
  projectId: number,
  sessionId: string,
  { limit, cursor }: Page<MomentCursor>,
): Promise<{ notes: Note[]; last: MomentCursor | null }> {
  const rows = await askPostgres(sql`
    SELECT ${columns(sql)} FROM notes n LEFT JOIN users u ON u.id = n.author
    WHERE n.project_id = ${projectId} AND n.session_id = ${sessionId}
      ${cursor ? sql`AND (n.at_ms, n.id) > (${cursor[0]}, ${cursor[1]}::uuid)` : sql``}
    ORDER BY n.at_ms, n.id LIMIT ${limit + 1}`);
  return pageOf(rows, limit, ({ at_ms, note_id }) => [at_ms, note_id]);
}

/** All notes of a project, newest first. */
export async function notesOfProject(
  sql: Sql,
  project: ReadProject,
  { limit, cursor }: Page<NewestCursor>,
): Promise<{ notes: Note[]; last: NewestCursor | null }> {
  const rows = await askPostgres(
    sql`
      SELECT ${columns(sql)} FROM notes n LEFT JOIN users u ON u.id = n.author
      WHERE n.project_id = ${project.id} AND ${ofReadableSession(sql, project)}
        ${cursor ? sql`AND (n.created_at, n.id) < (${momentOf(sql, cursor[0])}, ${cursor[1]}::uuid)` : sql``}
      ORDER BY n.created_at DESC, n.id DESC LIMIT ${limit + 1}`,
    QUERY_MS,
  );
  return pageOf(rows, limit, ({ place, note_id }) => [place, note_id]);
}

export async function findNote(sql: Sql, project: ReadProject, noteId: string): Promise<Note | null> {
  const rows = await askPostgres(sql`
    SELECT ${columns(sql)} FROM notes n LEFT JOIN users u ON u.id = n.author
    WHERE n.project_id = ${project.id} AND n.id = ${noteId} AND ${ofReadableSession(sql, project)}`);
  return rows[0] ? shown(NoteRow.parse(rows[0])) : null;
}

/** @returns its id; null where the session has just gone */
export async function writeNote(
  sql: Sql,
  projectId: number,
  note: { session_id: string; at_ms: number; text: string; author: string },
): Promise<string | null> {
  const rows = await askPostgres(sql<{ id: string }[]>`
    INSERT INTO notes (project_id, session_id, at_ms, text, author)
    SELECT project_id, session_id, ${note.at_ms}, ${note.text}, ${note.author} FROM sessions_meta
    WHERE project_id = ${projectId} AND session_id = ${note.session_id}
    RETURNING id`);
  return rows[0]?.id ?? null;
}

export async function editNote(
  sql: Sql,
  projectId: number,
  noteId: string,
  { at_ms, text }: { at_ms?: number | undefined; text?: string | undefined },
): Promise<void> {
  await askPostgres(sql`
    UPDATE notes SET edited_at = now(), at_ms = coalesce(${at_ms ?? null}, at_ms), text = coalesce(${text ?? null}, text)
    WHERE project_id = ${projectId} AND id = ${noteId}`);
}

export async function deleteNote(sql: Sql, projectId: number, noteId: string): Promise<void> {
  await askPostgres(sql`DELETE FROM notes WHERE project_id = ${projectId} AND id = ${noteId}`);
}

function columns(sql: Sql) {
  return sql`
    n.id AS note_id, n.session_id, n.at_ms::float8 AS at_ms, n.text, n.created_at, n.edited_at,
    CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS author,
    to_char(n.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS place`;
}

function ofReadableSession(sql: Sql, project: ReadProject) {
  return sql`EXISTS (SELECT FROM sessions_meta WHERE ${readable(sql, project)} AND session_id = n.session_id)`;
}

function pageOf<Cursor>(
  rows: readonly unknown[],
  limit: number,
  cursorAt: (row: z.infer<typeof NoteRow>) => Cursor,
): { notes: Note[]; last: Cursor | null } {
  const notes = z.array(NoteRow).parse(rows.slice(0, limit));
  const last = rows.length > limit ? notes.at(-1) : undefined;
  return { notes: notes.map(shown), last: last ? cursorAt(last) : null };
}

function shown({ place: _, ...note }: z.infer<typeof NoteRow>): Note {
  return note;
}
