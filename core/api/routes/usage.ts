import { createRoute, z } from "@hono/zod-openapi";
import { ProjectParams } from "../parameters.ts";
import { MonthlyUse } from "../queries/monthly-use.ts";
import { quotasOf } from "../queries/projects.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

/** From here on people should know that recording will end. */
const NEAR = 0.8;

const Used = z.object({
  used: z.int().nullable().openapi({ description: "null while it is not counted" }),
  quota: z.int().nullable().openapi({ description: "null: none" }),
});

const Usage = z
  .object({
    from: z.iso.datetime().openapi({ description: "the UTC month's first moment" }),
    to: z.iso.datetime().openapi({ description: "the next one's" }),
    sessions: Used,
    bytes: Used.openapi({ description: "of events, inflated, each batch once" }),
    warning: z.enum(["none", "near", "used_up"]).openapi({
      description: "near: four fifths of a quota are used. used_up: new sessions are refused until `to`",
    }),
  })
  .openapi("Usage");

const route = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/usage",
  tags: ["projects"],
  summary: "What the project has used of its quotas this month",
  request: { params: ProjectParams },
  responses: {
    200: { description: "The month so far", content: { "application/json": { schema: Usage } } },
    ...readRefusals,
  },
});

export function usageRoute({ sql, log }: Services) {
  const monthlyUse = new MonthlyUse(sql, log);
  return newRouter().openapi(route, async (c) => {
    const { id } = c.get("project");
    const [{ month, use }, quotas] = await Promise.all([monthlyUse.of(id), quotasOf(sql, id)]);
    const parts = [
      [use?.sessions, quotas.sessions],
      [use?.bytes, quotas.bytes],
    ].flatMap(([used, quota]) => (used === undefined || typeof quota !== "number" ? [] : [partOf(used, quota)]));
    const most = Math.max(0, ...parts);
    return c.json(
      {
        from: new Date(month.from).toISOString(),
        to: new Date(month.to).toISOString(),
        sessions: { used: use?.sessions ?? null, quota: quotas.sessions },
        bytes: { used: use?.bytes ?? null, quota: quotas.bytes },
        warning: most >= 1 ? ("used_up" as const) : most >= NEAR ? ("near" as const) : ("none" as const),
      },
      200,
    );
  });
}

function partOf(used: number | undefined | null, quota: number): number {
  return quota === 0 ? 1 : (used ?? 0) / quota;
}
