import { createRoute, z } from "@hono/zod-openapi";
import { AssetSettings } from "#protocol/asset-settings.ts";
import { Problem } from "#protocol/problem.ts";
import { RECORDER_SETTINGS_LENGTH_MAX, RecorderSettings } from "#protocol/recorder-settings.ts";
import { managersOnly } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import {
  assetSettingsOf,
  changeAssetSettings,
  changeRecorderSettings,
  recorderSettingsOf,
} from "../queries/project-settings.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/settings";

const Settings = z
  .object({
    recorder: z.object(RecorderSettings.shape).openapi({
      description: "options of the recorder's `init`, where the page does not set them itself (sdk/README.md)",
    }),
    assets: z.object(AssetSettings.shape).openapi({
      description:
        "hosts from which stylesheets, images and fonts of recorded pages are fetched and kept: `cdn.example.com`, or " +
        "`*.example.com` for all below it (docs/assets.md)",
    }),
  })
  .openapi("ProjectSettings");

/** A JSON merge patch (RFC 7396): what is missing stays, null takes away. */
const SettingsPatch = z.strictObject({
  assets: AssetSettings.partial().optional(),
  recorder: z
    .strictObject(
      Object.fromEntries(Object.entries(RecorderSettings.shape).map(([name, schema]) => [name, schema.nullable()])) as {
        [Name in keyof typeof RecorderSettings.shape]: z.ZodNullable<(typeof RecorderSettings.shape)[Name]>;
      },
    )
    .optional(),
});

const settingsContent = { "application/json": { schema: Settings } };

const readRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["projects"],
  summary: "A project's settings: what it asks of its recorders, and whose assets are kept",
  request: { params: ProjectParams },
  responses: { 200: { description: "The settings", content: settingsContent }, ...readRefusals },
});

const changeRoute = createRoute({
  method: "patch",
  path: PATH,
  tags: ["projects"],
  summary: "Change a project's settings",
  description:
    "For owners and admins. What is missing stays as it is, null takes a setting away. Pages that are opened from now on " +
    "go by it within two minutes: the edge remembers a project's settings for 30 s, a browser for 60 s. Assets are fetched " +
    "from new hosts within a second, for pages that are recorded from then on.",
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
  const settingsOf = async (projectId: number) => {
    const [recorder, assets] = await Promise.all([recorderSettingsOf(sql, projectId), assetSettingsOf(sql, projectId)]);
    return { recorder, assets };
  };
  return newRouter()
    .openapi(readRoute, async (c) => c.json(await settingsOf(c.get("project").id), 200))
    .openapi(changeRoute, async (c) => {
      const { recorder, assets } = c.req.valid("json");
      const { id } = c.get("project");
      if (recorder && !(await changeRecorderSettings(sql, id, recorder, RECORDER_SETTINGS_LENGTH_MAX))) {
        throw new Refusal("body_too_large", {
          detail: `all settings of recorders together are at most ${RECORDER_SETTINGS_LENGTH_MAX} characters`,
        });
      }
      if (assets) await changeAssetSettings(sql, id, assets);
      return c.json(await settingsOf(id), 200);
    });
}
