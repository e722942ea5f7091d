import { createRoute, z } from "@hono/zod-openapi";
import { isManager, memberOf, membersOnly } from "../authorize.ts";
import { cursorOf, toCursor } from "../cursor.ts";
import { ProjectParams, prose, SessionMs, SessionParams, wholeNumber } from "../parameters.ts";
import {
  deleteNote,
  editNote,
  findNote,
  MomentCursor,
  Note,
  notesOfProject,
  notesOfSession,
  writeNote,
} from "../queries/notes.ts";
import type { Project } from "../queries/projects.ts";
import { NewestCursor } from "../queries/session-order.ts";
import { sessionOrNotFound } from "../queries/sessions.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const OF_SESSION = "/v1/projects/{project_id}/sessions/{session_id}/notes";
const OF_PROJECT = "/v1/projects/{project_id}/notes";
const NoteParams = ProjectParams.extend({ note_id: z.guid() });
const TEXT_LENGTH_MAX = 4_000;
const noteText = prose(TEXT_LENGTH_MAX).openapi({ example: "the card is declined here" });

const noteContent = { "application/json": { schema: Note } };
const pageContent = {
  "application/json": { schema: z.object({ notes: z.array(Note), next_cursor: z.string().nullable() }) },
};
const limit = wholeNumber(1, 500).default(100);

const ofSessionRoute = createRoute({
  method: "get",
  path: OF_SESSION,
  tags: ["notes"],
  summary: "A session's notes, in the order of its time",
  request: { params: SessionParams, query: z.object({ limit, cursor: cursorOf(MomentCursor).optional() }) },
  responses: { 200: { description: "A page", content: pageContent }, ...readRefusals },
});

const writeRoute = createRoute({
  method: "post",
  path: OF_SESSION,
  tags: ["notes"],
  summary: "Write a note at a moment of a session",
  description: "For members and above.",
  middleware: membersOnly,
  request: {
    params: SessionParams,
    body: {
      required: true,
      content: { "application/json": { schema: z.strictObject({ at_ms: SessionMs, text: noteText }) } },
    },
  },
  responses: { 201: { description: "The note", content: noteContent }, ...readRefusals },
});

const ofProjectRoute = createRoute({
  method: "get",
  path: OF_PROJECT,
  tags: ["notes"],
  summary: "A project's notes, newest first",
  request: { params: ProjectParams, query: z.object({ limit, cursor: cursorOf(NewestCursor).optional() }) },
  responses: { 200: { description: "A page", content: pageContent }, ...readRefusals },
});

const editRoute = createRoute({
  method: "patch",
  path: `${OF_PROJECT}/{note_id}`,
  tags: ["notes"],
  summary: "Change a note",
  description: "For its author, and for owners and admins.",
  middleware: membersOnly,
  request: {
    params: NoteParams,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({ at_ms: SessionMs.optional(), text: noteText.optional() })
            .refine(({ at_ms, text }) => at_ms !== undefined || text !== undefined, "at_ms, text or both"),
        },
      },
    },
  },
  responses: { 200: { description: "The note afterwards", content: noteContent }, ...readRefusals },
});

const deleteRoute = createRoute({
  method: "delete",
  path: `${OF_PROJECT}/{note_id}`,
  tags: ["notes"],
  summary: "Delete a note",
  description: "For its author, and for owners and admins.",
  middleware: membersOnly,
  request: { params: NoteParams },
  responses: { 204: { description: "It is gone" }, ...readRefusals },
});

export function notesRoutes({ sql }: Services) {
  const noteOf = async (project: Project, id: string): Promise<Note> => {
    const note = await findNote(sql, project, id);
    if (!note) throw new Refusal("not_found", { detail: "this project has no such note" });
    return note;
  };
  /** @throws Refusal where it is somebody else's to change */
  const changeable = async (project: Project, personId: string, id: string): Promise<void> => {
    const { author } = await noteOf(project, id);
    if (author?.id === personId || isManager(project)) return;
    throw new Refusal("not_permitted", { detail: "its author may do that, or an owner or an admin of the project" });
  };
  return newRouter()
    .openapi(ofSessionRoute, async (c) => {
      const { key } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
      const { notes, last } = await notesOfSession(sql, key.project_id, key.session_id, c.req.valid("query"));
      return c.json({ notes, next_cursor: last && toCursor(last) }, 200);
    })
    .openapi(writeRoute, async (c) => {
      const project = c.get("project");
      const { person } = memberOf(c.get("caller"), project);
      const { key } = await sessionOrNotFound(sql, project, c.req.valid("param").session_id);
      const note = { ...c.req.valid("json"), session_id: key.session_id, author: person.id };
      const id = await writeNote(sql, project.id, note);
      if (id === null) throw new Refusal("not_found");
      return c.json(await noteOf(project, id), 201);
    })
    .openapi(ofProjectRoute, async (c) => {
      const { notes, last } = await notesOfProject(sql, c.get("project"), c.req.valid("query"));
      return c.json({ notes, next_cursor: last && toCursor(last) }, 200);
    })
    .openapi(editRoute, async (c) => {
      const project = c.get("project");
      const { note_id } = c.req.valid("param");
      await changeable(project, memberOf(c.get("caller"), project).person.id, note_id);
      await editNote(sql, project.id, note_id, c.req.valid("json"));
      return c.json(await noteOf(project, note_id), 200);
    })
    .openapi(deleteRoute, async (c) => {
      const project = c.get("project");
      const { note_id } = c.req.valid("param");
      await changeable(project, memberOf(c.get("caller"), project).person.id, note_id);
      await deleteNote(sql, project.id, note_id);
      return c.body(null, 204);
    });
}
