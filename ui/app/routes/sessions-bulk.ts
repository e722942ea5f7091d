import { data } from "react-router";
import { z } from "zod";
import { apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import type { Route } from "./+types/sessions-bulk";

/** What the API takes at once. */
const AT_ONCE = 1_000;

const ids = z
  .string()
  .transform((text) => text.split(" "))
  .pipe(z.array(z.guid()).min(1).max(20_000));

const Asked = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("delete"), ids }),
  z.object({ intent: z.literal("collect"), ids, collection_id: z.guid() }),
  z.object({ intent: z.literal("collect-new"), ids, name: z.string() }),
  z.object({ intent: z.literal("take-out"), ids, collection_id: z.guid() }),
]);

interface Outcome {
  error: string | null;
  /** Of sessions that are deleted from here on. */
  receipts: string[];
  /** Said where it was done. */
  done: string | null;
}

/** POST: deletes the sessions of `ids`, or puts them into a collection, or takes them out of one. */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return refused("The form is incomplete", 400);
  const { data: form } = asked;
  const { sessions, collections } = apiClient(args).v1.projects[":project_id"];
  const project_id = args.params.projectId;

  if (form.intent === "delete") {
    const receipts: string[] = [];
    for (const session_ids of stretches(form.ids)) {
      const deleted = await change(sessions.delete.$post({ param: { project_id }, json: { session_ids } }), args);
      if (!deleted.ok) return refused(deleted.error, deleted.status, receipts);
      receipts.push(...deleted.body.receipts.map(({ receipt_id }) => receipt_id));
    }
    return outcome({ receipts, done: "deleted" });
  }

  const target = form.intent === "collect-new" ? await made(form.name) : { ok: true as const, id: form.collection_id };
  if (!target.ok) return refused(target.error, target.status);
  const within = collections[":collection_id"].sessions;
  const param = { project_id, collection_id: target.id };
  for (const session_ids of stretches(form.ids)) {
    const call = { param, json: { session_ids } };
    const changed =
      form.intent === "take-out" ? await change(within.$delete(call), args) : await change(within.$post(call), args);
    if (!changed.ok) return refused(changed.error, changed.status);
  }
  return outcome({ done: form.intent === "take-out" ? "taken out" : "added" });

  async function made(name: string): Promise<{ ok: true; id: string } | { ok: false; error: string; status: number }> {
    const collection = await change(collections.$post({ param: { project_id }, json: { name } }), args);
    return collection.ok ? { ok: true, id: collection.body.collection_id } : collection;
  }
}

function outcome(said: Partial<Outcome>): Outcome {
  return { error: null, receipts: [], done: null, ...said };
}

function refused(error: string, status: number, receipts: string[] = []) {
  return data(outcome({ error, receipts }), { status });
}

function stretches(all: string[]): string[][] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, i) => all.slice(i * AT_ONCE, (i + 1) * AT_ONCE));
}
