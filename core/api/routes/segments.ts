import { createRoute, z } from "@hono/zod-openapi";
import { memberOf, membersOnly } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import {
  createSegment,
  deleteSegment,
  replaceSegment,
  SEGMENTS_MAX,
  Segment,
  SegmentBody,
  segmentsOf,
} from "../queries/segments.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/segments";
const SegmentParams = ProjectParams.extend({ segment_id: z.guid() });

const segmentContent = { "application/json": { schema: Segment } };
const body = { required: true, content: { "application/json": { schema: SegmentBody } } } as const;

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["segments"],
  summary: "Saved segments of the project, by name",
  description: "A list of a segment's sessions: `GET …/sessions` with its `filters`.",
  request: { params: ProjectParams },
  responses: {
    200: {
      description: "All of them",
      content: { "application/json": { schema: z.object({ segments: z.array(Segment) }) } },
    },
    ...readRefusals,
  },
});

const createSegmentRoute = createRoute({
  method: "post",
  path: PATH,
  tags: ["segments"],
  summary: "Save a segment",
  description: "For members, admins and owners; all of the project's people see it.",
  middleware: membersOnly,
  request: { params: ProjectParams, body },
  responses: { 201: { description: "The segment", content: segmentContent }, ...readRefusals },
});

const replaceRoute = createRoute({
  method: "put",
  path: `${PATH}/{segment_id}`,
  tags: ["segments"],
  summary: "Give a segment another name, or other filters",
  description: "For members, admins and owners, whoever saved it.",
  middleware: membersOnly,
  request: { params: SegmentParams, body },
  responses: { 200: { description: "The segment", content: segmentContent }, ...readRefusals },
});

const deleteRoute = createRoute({
  method: "delete",
  path: `${PATH}/{segment_id}`,
  tags: ["segments"],
  summary: "Delete a segment",
  description: "For members, admins and owners, whoever saved it. Its sessions stay.",
  middleware: membersOnly,
  request: { params: SegmentParams },
  responses: { 204: { description: "It is gone" }, ...readRefusals },
});

export function segmentRoutes({ sql }: Services) {
  return newRouter()
    .openapi(listRoute, async (c) => c.json({ segments: await segmentsOf(sql, c.get("project").id) }, 200))
    .openapi(createSegmentRoute, async (c) => {
      const project = c.get("project");
      const { person } = memberOf(c.get("caller"), project);
      const segment = await createSegment(sql, project.id, c.req.valid("json"), person.id);
      if (!segment) throw new Refusal("not_permitted", { detail: `a project has ${SEGMENTS_MAX} segments at most` });
      return c.json(segment, 201);
    })
    .openapi(replaceRoute, async (c) => {
      const { segment_id } = c.req.valid("param");
      const segment = await replaceSegment(sql, c.get("project").id, segment_id, c.req.valid("json"));
      if (!segment) throw new Refusal("not_found", { detail: "this project has no such segment" });
      return c.json(segment, 200);
    })
    .openapi(deleteRoute, async (c) => {
      const isGone = await deleteSegment(sql, c.get("project").id, c.req.valid("param").segment_id);
      if (!isGone) throw new Refusal("not_found", { detail: "this project has no such segment" });
      return c.body(null, 204);
    });
}
