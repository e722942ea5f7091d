import { createRoute, z } from "@hono/zod-openapi";
import { managerOf } from "../authorize.ts";
import { cursorOf, toCursor } from "../cursor.ts";
import { ProjectParams, text, wholeNumber } from "../parameters.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import {
  DeadLetter,
  DeadLetterDetail,
  dropLetters,
  findDeadLetter,
  LetterCursor,
  listDeadLetters,
  redriveLetters,
} from "../queries/dead-letters.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/dead-letters";
const LetterParams = ProjectParams.extend({ letter_id: z.string().regex(/^\d{1,18}$/, "a whole number") });
const ReasonQuery = z.object({ reason: text.optional().openapi({ description: "the word before the colon" }) });
const countContent = { "application/json": { schema: z.object({ letters: z.int() }) } };

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["dead letters"],
  summary: "Batches that can never be loaded as things stand, newest first",
  request: {
    params: ProjectParams,
    query: ReasonQuery.extend({
      limit: wholeNumber(1, 500).default(50),
      cursor: cursorOf(LetterCursor).optional(),
    }),
  },
  responses: {
    200: {
      description: "A page; `next_cursor` asks for the following one and is null on the last.",
      content: {
        "application/json": {
          schema: z.object({ dead_letters: z.array(DeadLetter), next_cursor: z.string().nullable() }),
        },
      },
    },
    ...readRefusals,
  },
});

const oneRoute = createRoute({
  method: "get",
  path: `${PATH}/{letter_id}`,
  tags: ["dead letters"],
  summary: "One, with its envelope and its content",
  description: "For owners and admins: what could not be read could not be masked either.",
  request: { params: LetterParams },
  responses: {
    200: { description: "The letter", content: { "application/json": { schema: DeadLetterDetail } } },
    ...readRefusals,
  },
});

const redriveOneRoute = createRoute({
  method: "post",
  path: `${PATH}/{letter_id}/redrive`,
  tags: ["dead letters"],
  summary: "Take one through the stages again",
  request: { params: LetterParams },
  responses: { 202: { description: "The worker will", content: countContent }, ...readRefusals },
});

const redriveAllRoute = createRoute({
  method: "post",
  path: `${PATH}/redrive`,
  tags: ["dead letters"],
  summary: "Take all through the stages again, or those of one reason",
  request: { params: ProjectParams, query: ReasonQuery },
  responses: { 202: { description: "The worker will", content: countContent }, ...readRefusals },
});

const dropOneRoute = createRoute({
  method: "delete",
  path: `${PATH}/{letter_id}`,
  tags: ["dead letters"],
  summary: "Throw one's content away",
  description: "Its session's ledger goes on saying that the batch was rejected.",
  request: { params: LetterParams },
  responses: { 202: { description: "The worker will", content: countContent }, ...readRefusals },
});

const dropAllRoute = createRoute({
  method: "delete",
  path: PATH,
  tags: ["dead letters"],
  summary: "Throw the content of all away, or of those of one reason",
  request: { params: ProjectParams, query: ReasonQuery },
  responses: { 202: { description: "The worker will", content: countContent }, ...readRefusals },
});

export function deadLetterRoutes({ sql }: Services) {
  return newRouter()
    .openapi(listRoute, async (c) => {
      const { letters, last } = await listDeadLetters(sql, c.get("project").id, c.req.valid("query"));
      return c.json({ dead_letters: letters, next_cursor: last && toCursor(last) }, 200);
    })
    .openapi(oneRoute, async (c) => {
      const project = c.get("project");
      managerOf(c.get("caller"), project);
      const letter = await findDeadLetter(sql, project.id, c.req.valid("param").letter_id);
      if (!letter) throw new Refusal("not_found");
      await recordAudit(sql, actorOf(c.get("caller")), {
        projectId: project.id,
        action: "dead_letter.read",
        target: letter.id,
      });
      return c.json(letter, 200);
    })
    .openapi(redriveAllRoute, async (c) => {
      const project = c.get("project");
      managerOf(c.get("caller"), project);
      const { reason } = c.req.valid("query");
      const letters = await redriveLetters(sql, project.id, { reason });
      await recordAudit(sql, actorOf(c.get("caller")), {
        projectId: project.id,
        action: "dead_letters.redriven",
        detail: { letters, ...(reason && { reason }) },
      });
      return c.json({ letters }, 202);
    })
    .openapi(redriveOneRoute, async (c) => {
      const project = c.get("project");
      managerOf(c.get("caller"), project);
      const target = c.req.valid("param").letter_id;
      const letters = await redriveLetters(sql, project.id, { id: target });
      if (letters === 0) throw new Refusal("not_found");
      await recordAudit(sql, actorOf(c.get("caller")), {
        projectId: project.id,
        action: "dead_letters.redriven",
        target,
      });
      return c.json({ letters }, 202);
    })
    .openapi(dropAllRoute, async (c) => {
      const project = c.get("project");
      managerOf(c.get("caller"), project);
      const { reason } = c.req.valid("query");
      const letters = await dropLetters(sql, project.id, { reason });
      await recordAudit(sql, actorOf(c.get("caller")), {
        projectId: project.id,
        action: "dead_letters.dropped",
        detail: { letters, ...(reason && { reason }) },
      });
      return c.json({ letters }, 202);
    })
    .openapi(dropOneRoute, async (c) => {
      const project = c.get("project");
      managerOf(c.get("caller"), project);
      const target = c.req.valid("param").letter_id;
      const letters = await dropLetters(sql, project.id, { id: target });
      if (letters === 0) throw new Refusal("not_found");
      await recordAudit(sql, actorOf(c.get("caller")), {
        projectId: project.id,
        action: "dead_letters.dropped",
        target,
      });
      return c.json({ letters }, 202);
    });
}
