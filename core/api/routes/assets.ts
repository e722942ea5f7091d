import { createRoute, z } from "@hono/zod-openapi";
import { HASH, ProjectParams, SessionParams } from "../parameters.ts";
import { assetBodies, sessionAssets } from "../queries/assets.ts";
import { sessionOrNotFound, spanOf } from "../queries/sessions.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const Asset = z
  .object({
    url: z.string().openapi({ description: "as the page, or a stylesheet, names it" }),
    status: z.enum(["kept", "missing"]),
    why: z.string().nullable().openapi({
      description: "why it is missing: not_fetched (yet), host_not_allowed, http_404, type_not_allowed, too_large, …",
    }),
    hash: z.string().nullable().openapi({ description: "SHA-256 of its bytes" }),
    content_type: z.string().nullable(),
    byte_length: z.int().nullable(),
    fetched_at: z.iso.datetime().nullable().openapi({ description: "when this version was first seen" }),
  })
  .openapi("Asset");

const listRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/sessions/{session_id}/assets",
  tags: ["playback"],
  summary: "Stylesheets, images and fonts that a session's pages name, and which of them are kept",
  description: "Nothing where the project allows no host to fetch from.",
  request: { params: SessionParams },
  responses: {
    200: {
      description: "The assets, each once, in the version nearest to the session's beginning",
      content: { "application/json": { schema: z.object({ assets: z.array(Asset) }) } },
    },
    ...readRefusals,
  },
});

const bodyRoute = createRoute({
  method: "get",
  path: "/v1/projects/{project_id}/assets/{hash}",
  tags: ["playback"],
  summary: "The bytes of an asset, as they were fetched",
  description:
    "The type is told by the bytes: an image, a font or a stylesheet, never a document. No script in it runs.",
  request: {
    params: ProjectParams.extend({
      hash: HASH,
    }),
  },
  responses: {
    200: { description: "The bytes", content: { "*/*": { schema: { type: "string", format: "binary" } } } },
    ...readRefusals,
  },
});

export function assetRoutes({ sql }: Services) {
  return newRouter()
    .openapi(listRoute, async (c) => {
      const { key, summary } = await sessionOrNotFound(sql, c.get("project"), c.req.valid("param").session_id);
      const assets = await sessionAssets(sql, key, spanOf(summary).from);
      return c.json(
        {
          assets: assets.map(({ url, hash, missing, content_type, byte_length, fetched_at }) => ({
            url,
            status: hash === null ? ("missing" as const) : ("kept" as const),
            why: hash === null ? (missing ?? "not_fetched") : null,
            hash,
            content_type,
            byte_length,
            fetched_at: fetched_at?.toISOString() ?? null,
          })),
        },
        200,
      );
    })
    .openapi(bodyRoute, async (c) => {
      const [body] = await assetBodies(sql, c.get("project").id, [c.req.valid("param").hash]);
      if (!body) throw new Refusal("not_found", { detail: "this project keeps no such asset" });
      return c.body(body.bytes, 200, {
        "content-type": body.content_type,
        "cache-control": "private, max-age=31536000, immutable",
      });
    });
}
