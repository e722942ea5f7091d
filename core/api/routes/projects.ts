import { createRoute, z } from "@hono/zod-openapi";
import { readableProjects } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import { Project } from "../queries/projects.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const listRoute = createRoute({
  method: "get",
  path: "/v1/projects",
  tags: ["projects"],
  summary: "The projects that the caller may read",
  responses: {
    200: {
      description: "By id",
      content: { "application/json": { schema: z.object({ projects: z.array(Project) }) } },
    },
    ...readRefusals,
  },
});

const oneRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}",
  tags: ["projects"],
  summary: "One project",
  request: { params: ProjectParams },
  responses: {
    200: { description: "The project", content: { "application/json": { schema: Project } } },
    ...readRefusals,
  },
});

export function projectsRoutes({ sql }: Services) {
  return newRouter()
    .openapi(listRoute, async (c) => c.json({ projects: await readableProjects(sql, c.get("caller")) }, 200))
    .openapi(oneRoute, (c) => c.json(c.get("project"), 200));
}
