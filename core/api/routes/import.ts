import { createRoute, z } from "@hono/zod-openapi";
import { memberOf, membersOnly } from "../authorize.ts";
import { IMPORT_BYTES_MAX } from "../import/intake.ts";
import { readRecording } from "../import/read-recording.ts";
import { sealImport } from "../import/seal.ts";
import { ProjectParams } from "../parameters.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import { findImport, Import, writeImport } from "../queries/imports.ts";
import { spoolBody } from "../read-body.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, problemContent, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";
import { Uploads } from "../uploads.ts";

/** Each lies on disk until it is its turn to be read, so that one at a time is in memory. */
const UPLOADS_MAX = { project: 1, all: 4 };

const importRoute = createRoute({
  method: "post",
  path: "/v1/projects/{project_id}/import",
  tags: ["import"],
  summary: "Bring a recording in: a session's export, rrweb's JSON, or PostHog's export",
  description:
    "For members and up. The body is the file, gzipped or not, up to 256 MiB inflated: a session's export as JSON, an " +
    'array of rrweb events, `{ "events": […] }`, or PostHog\'s export of a recording (versions 2022-12-02 and ' +
    "2023-04-28). Its batches go through the same stages as recorded ones. The session's id comes from the content, so " +
    "the same file is the same session, once; its events keep their times, and it is kept as long as one received now.",
  middleware: membersOnly,
  request: {
    params: ProjectParams,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: {
            type: "object",
            description: "the file",
            example: { events: [{ type: 4, timestamp: 1764000000000, data: { href: "https://shop.example/" } }] },
          },
        },
        "application/octet-stream": { schema: { type: "string", format: "binary" } },
      },
    },
  },
  responses: {
    200: { description: "It was brought before", content: { "application/json": { schema: Import } } },
    202: { description: "Written down; being loaded", content: { "application/json": { schema: Import } } },
    408: { description: "It took longer than four minutes to come", content: problemContent },
    410: {
      description: "The session was deleted, or shows a person who was deleted after it was recorded, and stays so",
      content: problemContent,
    },
    413: { description: "Larger than that", content: problemContent },
    429: { description: "Another file of the project is on its way, or several of others", content: problemContent },
    ...readRefusals,
  },
});

const stateRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/import/{import_id}",
  tags: ["import"],
  summary: "How far an import is",
  request: { params: ProjectParams.extend({ import_id: z.guid().toLowerCase() }) },
  responses: {
    200: { description: "The import", content: { "application/json": { schema: Import } } },
    ...readRefusals,
  },
});

export function importRoutes({ sql }: Services) {
  const uploads = new Uploads(UPLOADS_MAX);
  return newRouter()
    .openapi(importRoute, async (c) => {
      const project = c.get("project");
      const { person } = memberOf(c.get("caller"), project);
      const { signal, body } = c.req.raw;
      const written = await uploads.during(project.id, async () => {
        const file = await spoolBody(body, IMPORT_BYTES_MAX);
        return uploads
          .alone(signal, async () => {
            const recording = await readRecording(await file.read(), signal);
            return writeImport(sql, project.id, sealImport(recording, project.id, Date.now()), person.id);
          })
          .finally(() => file.close());
      });
      if (written.kind === "deleted") throw new Refusal("session_deleted", { detail: written.detail });
      if (written.kind === "new") {
        const done = { projectId: project.id, action: "session.imported", target: written.of.session_id } as const;
        await recordAudit(sql, actorOf(c.get("caller")), done);
      }
      return c.json(written.of, written.kind === "new" ? 202 : 200);
    })
    .openapi(stateRoute, async (c) => {
      const found = await findImport(sql, c.get("project").id, c.req.valid("param").import_id);
      if (!found) throw new Refusal("not_found", { detail: "this project has no such import" });
      return c.json(found, 200);
    });
}
