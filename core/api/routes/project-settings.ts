import { createRoute, z } from "@hono/zod-openapi";
import { compileOwn } from "#core/facts/redaction/own.ts";
import { compileRules, findAll } from "#core/facts/redaction/redact.ts";
import { OWN_RULES_MAX, OwnRule, RedactionRules, RULE_NAMES } from "#core/facts/redaction/rules.ts";
import { AssetSettings } from "#protocol/asset-settings.ts";
import { Problem } from "#protocol/problem.ts";
import { RECORDER_SETTINGS_LENGTH_MAX, RecorderSettings } from "#protocol/recorder-settings.ts";
import { managerOf, managersOnly } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import { changeLimitSettings, LimitSettings, limitSettingsOf } from "../queries/limit-settings.ts";
import { changeListSettings, ListSettings, listSettingsOf } from "../queries/list-settings.ts";
import {
  assetSettingsOf,
  changeAssetSettings,
  changeRecorderSettings,
  recorderSettingsOf,
} from "../queries/project-settings.ts";
import { changeRules, RulesAnswer, rulesOfProject } from "../queries/redaction-rules.ts";
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
    limits: LimitSettings.openapi({ description: "what is taken from whom, and kept for how long (docs/settings.md)" }),
    lists: ListSettings.openapi({ description: "which sessions lists leave out (docs/facts.md)" }),
    redaction: RulesAnswer.openapi({
      description: "what is made unreadable before it is stored (docs/privacy.md)",
    }),
  })
  .openapi("ProjectSettings");

/** Expressions are RE2's, without lookaround and backreferences: no text can make them slow. */
const CompiledOwnRule = OwnRule.superRefine((rule, context) => {
  const compiled = compileOwn(rule);
  if (typeof compiled !== "function") {
    context.addIssue({ code: "custom", path: ["pattern"], message: compiled.refused.slice(0, 200) });
  }
});

const isOn = z.boolean().optional();
const RulesPatch = z.strictObject({
  cards: isOn,
  emails: isOn,
  ibans: isOn,
  jwts: isOn,
  keys: isOn,
  own: z
    .array(CompiledOwnRule)
    .max(OWN_RULES_MAX)
    .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, "each name once")
    .optional(),
});

/** A JSON merge patch (RFC 7396): what is missing stays, null takes away. */
const SettingsPatch = z
  .strictObject({
    assets: AssetSettings.partial().optional(),
    limits: z.strictObject(LimitSettings.shape).partial().optional(),
    lists: z.strictObject(ListSettings.shape).partial().optional(),
    recorder: z
      .strictObject(
        Object.fromEntries(
          Object.entries(RecorderSettings.shape).map(([name, schema]) => [name, schema.nullable()]),
        ) as {
          [Name in keyof typeof RecorderSettings.shape]: z.ZodNullable<(typeof RecorderSettings.shape)[Name]>;
        },
      )
      .optional(),
    redaction: RulesPatch.optional(),
  })
  .openapi({ example: { limits: { requests_per_second: 500 }, redaction: { emails: true } } });

const settingsContent = { "application/json": { schema: Settings } };

const readRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["projects"],
  summary:
    "A project's settings: what it asks of its recorders, whose assets are kept, its limits, what lists leave out, what is made unreadable",
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
    "from new hosts within a second, for pages that are recorded from then on. `limits` reach the edge within 30 s; what a " +
    "shorter retention no longer keeps is gone from reads at once, and does not come back by a longer one. `lists.hide_internal` holds at once, " +
    "`lists.internal_hosts` for sessions that a batch comes of from now on. " +
    "`redaction` counts for all that is stored from now on; what is stored already: POST …/redactions.",
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

const tryRoute = createRoute({
  method: "post",
  path: `${PATH}/redaction/try`,
  tags: ["projects"],
  summary: "See what redaction rules would do to a text",
  description: "For owners and admins. Nothing is kept. Without `redaction` by the rules that hold.",
  middleware: managersOnly,
  request: {
    params: ProjectParams,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({ text: z.string().max(10_000), redaction: RulesPatch.optional() })
            .openapi({ example: { text: "4111 1111 1111 1111, ada@example.com", redaction: { emails: true } } }),
        },
      },
    },
  },
  responses: {
    200: {
      description: "The text as it would be stored, and what was found in it; `name` is an own expression's",
      content: {
        "application/json": {
          schema: z.object({
            text: z.string(),
            found: z.array(z.object({ rule: z.enum(RULE_NAMES), name: z.string().optional() })),
          }),
        },
      },
    },
    ...readRefusals,
  },
});

export function projectSettingsRoutes({ sql }: Services) {
  const settingsOf = async (projectId: number) => {
    const [recorder, assets, limits, lists, redaction] = await Promise.all([
      recorderSettingsOf(sql, projectId),
      assetSettingsOf(sql, projectId),
      limitSettingsOf(sql, projectId),
      listSettingsOf(sql, projectId),
      rulesOfProject(sql, projectId),
    ]);
    return { recorder, assets, limits, lists, redaction };
  };
  return newRouter()
    .openapi(readRoute, async (c) => c.json(await settingsOf(c.get("project").id), 200))
    .openapi(changeRoute, async (c) => {
      const { recorder, assets, limits, lists, redaction } = c.req.valid("json");
      const project = c.get("project");
      const { person } = managerOf(c.get("caller"), project);
      const { id } = project;
      if (recorder && !(await changeRecorderSettings(sql, id, recorder, RECORDER_SETTINGS_LENGTH_MAX))) {
        throw new Refusal("body_too_large", {
          detail: `all settings of recorders together are at most ${RECORDER_SETTINGS_LENGTH_MAX} characters`,
        });
      }
      if (assets) await changeAssetSettings(sql, id, assets);
      if (limits) await changeLimitSettings(sql, id, limits);
      if (lists) await changeListSettings(sql, id, lists);
      if (redaction) await changeRules(sql, id, redaction, person.id);
      await recordAudit(sql, actorOf(c.get("caller")), {
        projectId: id,
        action: "settings.changed",
        detail: { changed: changedNames(c.req.valid("json")) },
      });
      return c.json(await settingsOf(id), 200);
    })
    .openapi(tryRoute, async (c) => {
      const { text, redaction } = c.req.valid("json");
      const current = await rulesOfProject(sql, c.get("project").id);
      return c.json(findAll(text, compileRules(RedactionRules.parse({ ...current, ...redaction }))), 200);
    });
}

/** Which settings a patch names: `recorder.sampleRate`. */
function changedNames(patch: z.infer<typeof SettingsPatch>): string[] {
  return Object.entries(patch).flatMap(([group, members]) =>
    Object.keys(members ?? {}).map((name) => `${group}.${name}`),
  );
}
