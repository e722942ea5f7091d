import { createRoute, z } from "@hono/zod-openapi";
import { membersOnly, personOf } from "../authorize.ts";
import { ProjectParams, text, wholeNumber } from "../parameters.ts";
import { deleteSourceMaps, keepSourceMap, listSourceMaps, MAP_BYTES_MAX, SourceMap } from "../queries/source-maps.ts";
import { readBody } from "../read-body.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, problemContent, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";
import { checkSourceMap } from "../source-maps/check-map.ts";
import { Uploads } from "../uploads.ts";

const PATH = "/v1/projects/{project_id}/source-maps";

/** Each is in memory while it comes. */
const UPLOADS_MAX = { project: 4, all: 8 };

const release = text.openapi({ example: "1.2.3", description: "as the recorder's `init` says it" });
const path = text
  .transform((given) =>
    given
      .replace(/^[a-z]+:\/\/[^/]*/i, "")
      .replace(/[?#].*$/, "")
      .replace(/^[./]+/, ""),
  )
  .pipe(z.string().min(1, "a path"))
  .openapi({
    type: "string",
    example: "assets/index-3f9c.js",
    description:
      "of the script that the map is for. Its address may be given, too: the host is left out, and a map is for each script " +
      "whose path ends with this one",
  });

const keepRoute = createRoute({
  method: "put",
  path: PATH,
  tags: ["source maps"],
  summary: "Upload the source map of one script of a release",
  description:
    "For members and up. The body is the map's JSON. It replaces what the release had for this path. From then on errors of " +
    "that release have `mapped` in the timeline, also those that came before.",
  middleware: membersOnly,
  request: { params: ProjectParams, query: z.object({ release, path }) },
  responses: {
    200: { description: "It is kept", content: { "application/json": { schema: SourceMap } } },
    ...readRefusals,
    408: { description: "It took longer than four minutes to come", content: problemContent },
    413: { description: `Longer than ${MAP_BYTES_MAX} bytes, or the project keeps too many`, content: problemContent },
    429: { description: `More than ${UPLOADS_MAX.project} uploads of the project at once`, content: problemContent },
  },
});

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["source maps"],
  summary: "What is kept, newest first",
  request: {
    params: ProjectParams,
    query: z.object({ release: release.optional(), limit: wholeNumber(1, 1_000).default(100) }),
  },
  responses: {
    200: {
      description: "The maps, without their content",
      content: { "application/json": { schema: z.object({ source_maps: z.array(SourceMap) }) } },
    },
    ...readRefusals,
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path: PATH,
  tags: ["source maps"],
  summary: "Delete the maps of a release, or one of them",
  description: "For members and up.",
  middleware: membersOnly,
  request: { params: ProjectParams, query: z.object({ release, path: path.optional() }) },
  responses: {
    200: {
      description: "How many there were",
      content: { "application/json": { schema: z.object({ deleted: z.int() }) } },
    },
    ...readRefusals,
  },
});

export function sourceMapRoutes({ sql }: Services) {
  const uploads = new Uploads(UPLOADS_MAX);
  return newRouter()
    .openapi(keepRoute, async (c) => {
      const { person } = personOf(c.get("caller"));
      const { signal, body } = c.req.raw;
      const { id } = c.get("project");
      const kept = await uploads.during(id, async () => {
        const map = await readBody(body, MAP_BYTES_MAX);
        const problem = await uploads.alone(signal, () => checkSourceMap(map));
        if (problem !== null) throw noSourceMap(problem);
        return keepSourceMap(sql, id, { ...c.req.valid("query"), map, personId: person.id });
      });
      return c.json(kept, 200);
    })
    .openapi(listRoute, async (c) => {
      return c.json(
        {
          source_maps: await listSourceMaps(sql, c.get("project").id, { release: undefined, ...c.req.valid("query") }),
        },
        200,
      );
    })
    .openapi(deleteRoute, async (c) => {
      const which = { path: undefined, ...c.req.valid("query") };
      return c.json({ deleted: await deleteSourceMaps(sql, c.get("project").id, which) }, 200);
    });
}

function noSourceMap(problem: string): Refusal {
  const issues = [{ path: "body", message: `no source map (ECMA-426) that can be used: ${problem}` }];
  return new Refusal("body_malformed", { issues });
}
