import { createRoute, z } from "@hono/zod-openapi";
import { managerOf, managersOnly } from "../authorize.ts";
import { ProjectParams, wholeNumber } from "../parameters.ts";
import { actorOf, recordAudit } from "../queries/audit.ts";
import { applyRules, RedactionReceipt, redactionReceipts } from "../queries/redactions.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";

const PATH = "/v1/projects/{project_id}/redactions";
const ReceiptParams = ProjectParams.extend({ receipt_id: z.guid() });
const receiptContent = { "application/json": { schema: RedactionReceipt } };

const applyRoute = createRoute({
  method: "post",
  path: PATH,
  tags: ["redaction"],
  summary: "Apply the redaction rules that hold now to what is stored",
  description:
    "For owners and admins. What older rules stored is made anew by the present ones, and its old rows are taken away. " +
    "What is unreadable already stays so, whatever the rules say now. Asked twice, it is one.",
  middleware: managersOnly,
  request: { params: ProjectParams },
  responses: { 202: { description: "The receipt", content: receiptContent }, ...readRefusals },
});

const listRoute = createRoute({
  method: "get",
  path: PATH,
  tags: ["redaction"],
  summary: "Receipts, newest first",
  request: { params: ProjectParams, query: z.object({ limit: wholeNumber(1, 500).default(50) }) },
  responses: {
    200: {
      description: "The receipts",
      content: { "application/json": { schema: z.object({ receipts: z.array(RedactionReceipt) }) } },
    },
    ...readRefusals,
  },
});

const oneRoute = createRoute({
  method: "get",
  path: `${PATH}/{receipt_id}`,
  tags: ["redaction"],
  summary: "How far one is, and what it found",
  request: { params: ReceiptParams },
  responses: { 200: { description: "The receipt", content: receiptContent }, ...readRefusals },
});

export function redactionRoutes({ sql, settings }: Services) {
  const receiptOf = async (projectId: number, id: string): Promise<RedactionReceipt> => {
    const [receipt] = await redactionReceipts(sql, projectId, settings.STREAM_KEPT_H, { id, limit: 1 });
    if (!receipt) throw new Refusal("not_found");
    return receipt;
  };
  return newRouter()
    .openapi(applyRoute, async (c) => {
      const project = c.get("project");
      const { person } = managerOf(c.get("caller"), project);
      const target = await applyRules(sql, project.id, person.id);
      await recordAudit(sql, actorOf(c.get("caller")), { projectId: project.id, action: "redaction.applied", target });
      return c.json(await receiptOf(project.id, target), 202);
    })
    .openapi(listRoute, async (c) => {
      const { limit } = c.req.valid("query");
      const receipts = await redactionReceipts(sql, c.get("project").id, settings.STREAM_KEPT_H, { limit });
      return c.json({ receipts }, 200);
    })
    .openapi(oneRoute, async (c) => c.json(await receiptOf(c.get("project").id, c.req.valid("param").receipt_id), 200));
}
