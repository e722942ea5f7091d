import { createRoute, z } from "@hono/zod-openapi";
import { Problem } from "#protocol/problem.ts";
import { RECORDER_SETTINGS_LENGTH_MAX, RecorderSettings } from "#protocol/recorder-settings.ts";
import { managersOnly } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import { changeRecorderSettings, recorderSettingsOf } from "../queries/project-settings.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/settings";

const Settings = z
  .object({
    recorder: z.object(RecorderSettings.shape).openapi({
      description: "options of the recorder's `init`, where the page does not set them itself (sdk/README.md)",
    }),
  })
  .openapi("ProjectSettings");

/** A JSON merge patch (RFC 7396): what is missing stays, null takes away. */
const SettingsPatch = z.strictObject({
  recorder: z.strictObject(
    Object.fromEntries(Object.entries(RecorderSettings.shape).map(([name, schema]) => [name, schema.nullable()])) as {
      [Name in keyof typeof RecorderSettings.shape]: z.ZodNullable<(typeof RecorderSettings.shape)[Name]>;
    },
  ),
});

const settingsContent = { "application/json": { schema: Settings } };

const readRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["projects"],
  summary: "What the project asks of its recorders",
  request: { params: ProjectParams },
  responses: { 200: { description: "The settings", content: settingsContent }, ...readRefusals },
});

const changeRoute = createRoute({
  method: "patch",
  path: PATH,
  tags: ["projects"],
  summary: "Change what the project asks of its recorders",
  description:
    "For owners and admins. What is missing stays as it is, null takes a setting away. Pages that are opened from now on " +
    "go by it within two minutes: the edge remembers a project's settings for 30 s, a browser for 60 s.",
  middleware: managersOnly,
  request: {
    params: ProjectParams,
    body: { required: true, content: { "application/json": { schema: SettingsPatch } } },
  },
  responses: {
    200: { description: "All settings afterwards", content: settingsContent },
    ...readRefusals,
    413: {
      description: "The body or all settings together are too long",
      content: { "application/problem+json": { schema: Problem } },
    },
  },
});

export function projectSettingsRoutes({ sql }: Services) {
  return newRouter()
    .openapi(readRoute, async (c) => c.json({ recorder: await recorderSettingsOf(sql, c.get("project").id) }, 200))
    .openapi(changeRoute, async (c) => {
      const { recorder: change } = c.req.valid("json");
      const recorder = await changeRecorderSettings(sql, c.get("project").id, change, RECORDER_SETTINGS_LENGTH_MAX);
      if (!recorder) {
        throw new Refusal("body_too_large", {
          detail: `all settings of recorders together are at most ${RECORDER_SETTINGS_LENGTH_MAX} characters`,
        });
      }
      return c.json({ recorder }, 200);
    });
}
