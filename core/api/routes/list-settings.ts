import { createRoute, z } from "@hono/zod-openapi";
import { managersOnly } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import { changeListSettings, ListSettings, listSettingsOf } from "../queries/list-settings.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/settings/lists";

const settingsContent = { "application/json": { schema: ListSettings } };

const readRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["projects"],
  summary: "Which sessions lists leave out",
  request: { params: ProjectParams },
  responses: { 200: { description: "The settings", content: settingsContent }, ...readRefusals },
});

const changeRoute = createRoute({
  method: "patch",
  path: PATH,
  tags: ["projects"],
  summary: "Change which sessions lists leave out",
  description:
    "For owners and admins. What is missing stays as it is. `hide_internal` holds at once, `internal_hosts` for sessions " +
    "that a batch comes of from now on.",
  middleware: managersOnly,
  request: {
    params: ProjectParams,
    body: { required: true, content: { "application/json": { schema: z.strictObject(ListSettings.shape).partial() } } },
  },
  responses: { 200: { description: "All settings afterwards", content: settingsContent }, ...readRefusals },
});

export function listSettingsRoutes({ sql }: Services) {
  return newRouter()
    .openapi(readRoute, async (c) => c.json(await listSettingsOf(sql, c.get("project").id), 200))
    .openapi(changeRoute, async (c) =>
      c.json(await changeListSettings(sql, c.get("project").id, c.req.valid("json")), 200),
    );
}
