import { createRoute, z } from "@hono/zod-openapi";
import { managersOnly, mayMakeProjects, personOf, personsOnly, readableProjects } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import { actorOf } from "../queries/audit.ts";
import { createProject, Project, ProjectName, renameProject } from "../queries/projects.ts";
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

const nameBody = {
  required: true,
  content: { "application/json": { schema: z.strictObject({ name: ProjectName }) } },
};

const createProjectRoute = createRoute({
  method: "post",
  path: "/v1/projects",
  tags: ["projects"],
  summary: "Make a project",
  description: "For persons who are owner or admin of some project. The project is theirs, and has no keys yet.",
  middleware: personsOnly,
  request: { body: nameBody },
  responses: {
    201: { description: "The project", content: { "application/json": { schema: Project } } },
    ...readRefusals,
  },
});

const renameRoute = createRoute({
  method: "patch",
  path: "/v1/projects/{project_id}",
  tags: ["projects"],
  summary: "Rename a project",
  description: "For owners and admins.",
  middleware: managersOnly,
  request: { params: ProjectParams, body: nameBody },
  responses: {
    200: { description: "The project", content: { "application/json": { schema: Project } } },
    ...readRefusals,
  },
});

export function projectsRoutes({ sql }: Services) {
  return newRouter()
    .openapi(listRoute, async (c) => c.json({ projects: await readableProjects(sql, c.get("caller")) }, 200))
    .openapi(oneRoute, (c) => c.json(c.get("project"), 200))
    .openapi(createProjectRoute, async (c) => {
      const { person } = personOf(c.get("caller"));
      await mayMakeProjects(sql, person);
      return c.json(await createProject(sql, c.req.valid("json").name, person), 201);
    })
    .openapi(renameRoute, async (c) => {
      const { name } = c.req.valid("json");
      await renameProject(sql, c.get("project"), name, actorOf(c.get("caller")));
      return c.json({ ...c.get("project"), name }, 200);
    });
}
