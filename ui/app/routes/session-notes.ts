import { z } from "zod";
import { apiClient } from "../api.server.ts";
import { type Change, change } from "../change.server.ts";
import { incomplete, outcome } from "../outcome.ts";
import type { Route } from "./+types/session-notes";

const Asked = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("write"), at_ms: z.coerce.number().int().min(0), text: z.string().min(1) }),
  z.object({ intent: z.literal("edit"), note_id: z.guid(), text: z.string().min(1) }),
  z.object({ intent: z.literal("delete"), note_id: z.guid() }),
]);

/** POST: writes, changes or deletes a note of a session, as its form's `intent` says. Answers why not, where it was not done. */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return incomplete();
  return outcome(await ask(args, asked.data), asked.data.intent);
}

function ask(args: Route.ActionArgs, asked: z.infer<typeof Asked>): Promise<Change<unknown>> {
  const { projectId: project_id, sessionId: session_id } = args.params;
  const project = apiClient(args).v1.projects[":project_id"];
  const one = project.notes[":note_id"];
  if (asked.intent === "write") {
    const { at_ms, text } = asked;
    const { notes } = project.sessions[":session_id"];
    return change(notes.$post({ param: { project_id, session_id }, json: { at_ms, text } }), args);
  }
  const param = { project_id, note_id: asked.note_id };
  return asked.intent === "edit"
    ? change(one.$patch({ param, json: { text: asked.text } }), args)
    : change(one.$delete({ param }), args);
}
