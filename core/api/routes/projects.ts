import { createRoute, z } from "@hono/zod-openapi";
import { ProjectParams } from "../parameters.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

export const Project = z
  .object({
    id: z.int(),
    name: z.string(),
    role: z.enum(["owner", "admin", "member", "viewer", "read_key"]).openapi({ description: "the caller's, here" }),
    retention_days: z.int(),
    allowed_origins: z.array(z.string()),
    jurisdiction: z.string(),
    created_at: z.iso.datetime(),
  })
  .openapi("Project");
export type Project = z.infer<typeof Project>;

const listRoute = createRoute({
  method: "get",
  path: "/v1/projects",
  tags: ["projects"],
  summary: "The projects that the caller may see",
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

export function projectsRoutes(services: Services) {
  return newRouter()
    .openapi(listRoute, async () => {
      throw new Error(String(services));
    })
    .openapi(oneRoute, async () => {
      throw new Error(String(services));
    });
}
