import { createRoute, z } from "@hono/zod-openapi";
import { managersOnly } from "../authorize.ts";
import { ProjectParams } from "../parameters.ts";
import { actorOf } from "../queries/audit.ts";
import { createKey, Key, KeyName, keysOf, NewKey, revokeKey, rotateKey } from "../queries/keys.ts";
import { Refusal } from "../refusal.ts";
import { conflict, newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/keys";
const KeyParams = ProjectParams.extend({ key_id: z.guid() });
const newKeyContent = { "application/json": { schema: NewKey } };

/** Long enough for a site to be deployed anew, wherever its pages are cached. */
const GRACE_S_MAX = 90 * 24 * 3_600;

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["projects"],
  summary: "A project's keys, newest first",
  description: "For owners and admins. Keys themselves are told once, when they are made.",
  middleware: managersOnly,
  request: { params: ProjectParams },
  responses: {
    200: { description: "The keys", content: { "application/json": { schema: z.object({ keys: z.array(Key) }) } } },
    ...readRefusals,
  },
});

const createKeyRoute = createRoute({
  method: "post",
  path: PATH,
  tags: ["projects"],
  summary: "Make a key",
  description: "For owners and admins. A write key is public, it stands in pages; a read key reads all of the project.",
  middleware: managersOnly,
  request: {
    params: ProjectParams,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({ kind: Key.shape.kind, name: KeyName.default("") })
            .openapi({ example: { kind: "read", name: "nightly report" } }),
        },
      },
    },
  },
  responses: {
    201: { description: "The key, told this once", content: newKeyContent },
    ...readRefusals,
    409: conflict,
  },
});

const rotateRoute = createRoute({
  method: "post",
  path: `${PATH}/{key_id}/rotate`,
  tags: ["projects"],
  summary: "Make a key in the place of another",
  description:
    "For owners and admins. The old one goes on for `grace_s` seconds, so that pages and programs can change over. " +
    "With 0 it ends now; the edge hears of it within 30 s.",
  middleware: managersOnly,
  request: {
    params: KeyParams,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({ grace_s: z.int().min(0).max(GRACE_S_MAX).openapi({ example: 3_600 }) }),
        },
      },
    },
  },
  responses: {
    201: { description: "The new key, told this once", content: newKeyContent },
    ...readRefusals,
    409: conflict,
  },
});

const revokeRoute = createRoute({
  method: "delete",
  path: `${PATH}/{key_id}`,
  tags: ["projects"],
  summary: "End a key now",
  description: "For owners and admins. The API knows it no longer; the edge hears of it within 30 s.",
  middleware: managersOnly,
  request: { params: KeyParams },
  responses: { 200: { description: "The key", content: { "application/json": { schema: Key } } }, ...readRefusals },
});

export function keyRoutes({ sql }: Services) {
  return newRouter()
    .openapi(listRoute, async (c) => c.json({ keys: await keysOf(sql, c.get("project").id) }, 200))
    .openapi(createKeyRoute, async (c) => {
      const made = await createKey(sql, c.get("project").id, c.req.valid("json"), actorOf(c.get("caller")));
      return c.json(made, 201);
    })
    .openapi(rotateRoute, async (c) => {
      const { key_id } = c.req.valid("param");
      const { grace_s } = c.req.valid("json");
      const made = await rotateKey(sql, c.get("project").id, key_id, grace_s, actorOf(c.get("caller")));
      if (!made) throw new Refusal("not_found", { detail: "this project has no such key" });
      return c.json(made, 201);
    })
    .openapi(revokeRoute, async (c) => {
      const { key_id } = c.req.valid("param");
      const revoked = await revokeKey(sql, c.get("project").id, key_id, actorOf(c.get("caller")));
      if (!revoked) throw new Refusal("not_found", { detail: "this project has no such key" });
      return c.json(revoked, 200);
    });
}
