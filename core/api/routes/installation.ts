import { createRoute } from "@hono/zod-openapi";
import { ProjectParams } from "../parameters.ts";
import { Installation, installationOf } from "../queries/installation.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/installation",
  tags: ["projects"],
  summary: "Whether the project's pages record, and what is in the way",
  request: { params: ProjectParams },
  responses: {
    200: { description: "What is known now", content: { "application/json": { schema: Installation } } },
    ...readRefusals,
  },
});

export function installationRoute({ sql }: Services) {
  return newRouter().openapi(route, async (c) => c.json(await installationOf(sql, c.get("project")), 200));
}
