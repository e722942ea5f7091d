import { createRoute, z } from "@hono/zod-openapi";
import { memberOf, membersOnly } from "../authorize.ts";
import { IMPORT_BYTES_MAX } from "../import/intake.ts";
import { readRecording } from "../import/read-recording.ts";
import { sealImport } from "../import/seal.ts";
import { ProjectParams } from "../parameters.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import { findImport, Import, writeImport } from "../queries/imports.ts";
import { readBody } from "../read-body.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, problemContent, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

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
        "application/json": { schema: { type: "object", description: "the file" } },
        "application/octet-stream": { schema: { type: "string", format: "binary" } },
      },
    },
  },
  responses: {
    200: { description: "It was brought before", content: { "application/json": { schema: Import } } },
    202: { description: "Written down; being loaded", content: { "application/json": { schema: Import } } },
    410: { description: "The session was deleted, and stays so", content: problemContent },
    413: { description: "Larger than that", content: problemContent },
    429: { description: "Another file is being read", content: problemContent },
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
  // A file is held in memory while it is cut: one at a time.
  let isReading = false;
  return newRouter()
    .openapi(importRoute, async (c) => {
      const project = c.get("project");
      const { person } = memberOf(c.get("caller"), project);
      if (isReading)
        throw new Refusal("too_many_requests", { detail: "another file is being read" }, { retryAfterS: 5 });
      isReading = true;
      try {
        const recording = await readRecording(await readBody(c.req.raw.body, IMPORT_BYTES_MAX), c.req.raw.signal);
        const sealed = sealImport(recording, project.id, Date.now());
        const written = await writeImport(sql, project.id, sealed, recording.events, person.id);
        if (written.kind === "deleted")
          throw new Refusal("session_deleted", { detail: "this session was deleted here" });
        if (written.kind === "new") {
          const done = { projectId: project.id, action: "session.imported", target: written.of.session_id } as const;
          await recordAudit(sql, actorOf(c.get("caller")), done);
        }
        return c.json(written.of, written.kind === "new" ? 202 : 200);
      } finally {
        isReading = false;
      }
    })
    .openapi(stateRoute, async (c) => {
      const found = await findImport(sql, c.get("project").id, c.req.valid("param").import_id);
      if (!found) throw new Refusal("not_found", { detail: "this project has no such import" });
      return c.json(found, 200);
    });
}
