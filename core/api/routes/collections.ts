import { createRoute, z } from "@hono/zod-openapi";
import { memberOf, membersOnly } from "../authorize.ts";
import { cursorOf, toCursor } from "../cursor.ts";
import { ProjectParams, prose, SessionIds, storableText, wholeNumber } from "../parameters.ts";
import {
  addToCollection,
  Collection,
  changeCollection,
  createCollection,
  deleteCollection,
  findCollection,
  listCollections,
  removeFromCollection,
} from "../queries/collections.ts";
import type { Project } from "../queries/projects.ts";
import { NewestCursor } from "../queries/session-order.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/collections";
const CollectionParams = ProjectParams.extend({ collection_id: z.guid() });
const Name = prose(200);
const Description = storableText.trim().max(2_000);

const collectionContent = { "application/json": { schema: Collection } };
const idsBody = {
  required: true,
  content: { "application/json": { schema: z.strictObject({ session_ids: SessionIds }) } },
};

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["collections"],
  summary: "Collections, newest first",
  description: "The sessions of one: `GET …/sessions?collection=`.",
  request: {
    params: ProjectParams,
    query: z.object({ limit: wholeNumber(1, 200).default(50), cursor: cursorOf(NewestCursor).optional() }),
  },
  responses: {
    200: {
      description: "A page",
      content: {
        "application/json": {
          schema: z.object({ collections: z.array(Collection), next_cursor: z.string().nullable() }),
        },
      },
    },
    ...readRefusals,
  },
});

const createOne = createRoute({
  method: "post",
  path: PATH,
  tags: ["collections"],
  summary: "Make a collection",
  description: "For members and above, as all that changes one.",
  middleware: membersOnly,
  request: {
    params: ProjectParams,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({ name: Name, description: Description.default("") })
            .openapi({ example: { name: "Checkout trouble", description: "for Thursday's review" } }),
        },
      },
    },
  },
  responses: { 201: { description: "The collection", content: collectionContent }, ...readRefusals },
});

const oneRoute = createRoute({
  method: "get",
  path: `${PATH}/{collection_id}`,
  tags: ["collections"],
  summary: "One collection",
  request: { params: CollectionParams },
  responses: { 200: { description: "The collection", content: collectionContent }, ...readRefusals },
});

const changeRoute = createRoute({
  method: "patch",
  path: `${PATH}/{collection_id}`,
  tags: ["collections"],
  summary: "Change a collection's name or description",
  middleware: membersOnly,
  request: {
    params: CollectionParams,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({ name: Name.optional(), description: Description.optional() })
            .openapi({ example: { name: "Checkout, solved" } }),
        },
      },
    },
  },
  responses: { 200: { description: "The collection afterwards", content: collectionContent }, ...readRefusals },
});

const deleteRoute = createRoute({
  method: "delete",
  path: `${PATH}/{collection_id}`,
  tags: ["collections"],
  summary: "Delete a collection; its sessions stay",
  middleware: membersOnly,
  request: { params: CollectionParams },
  responses: { 204: { description: "It is gone" }, ...readRefusals },
});

const addRoute = createRoute({
  method: "post",
  path: `${PATH}/{collection_id}/sessions`,
  tags: ["collections"],
  summary: "Put sessions into a collection",
  middleware: membersOnly,
  request: { params: CollectionParams, body: idsBody },
  responses: {
    200: {
      description: "The collection afterwards, and those of the sessions that this project does not have",
      content: { "application/json": { schema: Collection.extend({ not_found: z.array(z.string()) }) } },
    },
    ...readRefusals,
  },
});

const removeRoute = createRoute({
  method: "delete",
  path: `${PATH}/{collection_id}/sessions`,
  tags: ["collections"],
  summary: "Take sessions out of a collection",
  middleware: membersOnly,
  request: { params: CollectionParams, body: idsBody },
  responses: { 200: { description: "The collection afterwards", content: collectionContent }, ...readRefusals },
});

export function collectionRoutes({ sql }: Services) {
  const collectionOf = async (project: Project, id: string): Promise<Collection> => {
    const collection = await findCollection(sql, project, id);
    if (!collection) throw new Refusal("not_found", { detail: "this project has no such collection" });
    return collection;
  };
  return newRouter()
    .openapi(listRoute, async (c) => {
      const { collections, last } = await listCollections(sql, c.get("project"), c.req.valid("query"));
      return c.json({ collections, next_cursor: last && toCursor(last) }, 200);
    })
    .openapi(createOne, async (c) => {
      const project = c.get("project");
      const { person } = memberOf(c.get("caller"), project);
      const id = await createCollection(sql, project.id, c.req.valid("json"), person.id);
      return c.json(await collectionOf(project, id), 201);
    })
    .openapi(oneRoute, async (c) =>
      c.json(await collectionOf(c.get("project"), c.req.valid("param").collection_id), 200),
    )
    .openapi(changeRoute, async (c) => {
      const project = c.get("project");
      const { collection_id } = c.req.valid("param");
      await changeCollection(sql, project.id, collection_id, c.req.valid("json"));
      return c.json(await collectionOf(project, collection_id), 200);
    })
    .openapi(deleteRoute, async (c) => {
      if (!(await deleteCollection(sql, c.get("project").id, c.req.valid("param").collection_id))) {
        throw new Refusal("not_found", { detail: "this project has no such collection" });
      }
      return c.body(null, 204);
    })
    .openapi(addRoute, async (c) => {
      const project = c.get("project");
      const { collection_id } = c.req.valid("param");
      await collectionOf(project, collection_id);
      const not_found = await addToCollection(sql, project, collection_id, c.req.valid("json").session_ids);
      return c.json({ ...(await collectionOf(project, collection_id)), not_found }, 200);
    })
    .openapi(removeRoute, async (c) => {
      const project = c.get("project");
      const { collection_id } = c.req.valid("param");
      await removeFromCollection(sql, project.id, collection_id, c.req.valid("json").session_ids);
      return c.json(await collectionOf(project, collection_id), 200);
    });
}
