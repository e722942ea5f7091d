import { data } from "react-router";
import { z } from "zod";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import type { Route } from "./+types/session-shares";

/** GET: the links to a session that still open it, newest first. */
export async function loader(args: Route.LoaderArgs) {
  const { projectId, sessionId } = args.params;
  const all = apiClient(args).v1.projects[":project_id"].sessions[":session_id"].shares;
  const param = { project_id: projectId, session_id: sessionId };
  const { shares } = await answer(all.$get({ param, query: {} }), args);
  const now = Date.now();
  return shares.filter(({ revoked_at, expires_at }) => revoked_at === null && Date.parse(expires_at) > now);
}

export type OpenShare = Awaited<ReturnType<typeof loader>>[number];

const seconds = z.coerce.number().min(0).max(31_622_400);

const Asked = z.discriminatedUnion("intent", [
  z.object({
    intent: z.literal("make"),
    expires_in_s: z.coerce.number().int(),
    span: z.enum(["whole", "part"]),
    from_s: seconds.default(0),
    to_s: seconds.default(0),
    shows_person: z.literal("on").optional(),
  }),
  z.object({ intent: z.literal("revoke"), share_id: z.guid() }),
]);

/**
 * POST: makes a link to a session, or to a part of it, and answers its path, which nobody can be told again; or revokes
 * one. Answers why not, where it was not done.
 */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return data({ path: null, error: "The form is incomplete" }, { status: 400 });
  const { projectId: project_id, sessionId: session_id } = args.params;
  const project = apiClient(args).v1.projects[":project_id"];
  if (asked.data.intent === "revoke") {
    const { share_id } = asked.data;
    const revoked = await change(project.shares[":share_id"].$delete({ param: { project_id, share_id } }), args);
    return revoked.ok ? { path: null, error: null } : refused(revoked);
  }
  const { expires_in_s, span, from_s, to_s, shows_person } = asked.data;
  const part = span === "part" ? { from_ms: Math.round(from_s * 1_000), to_ms: Math.round(to_s * 1_000) } : {};
  const json = { expires_in_s, shows_person: shows_person === "on", ...part };
  const { shares } = project.sessions[":session_id"];
  const made = await change(shares.$post({ param: { project_id, session_id }, json }), args);
  return made.ok ? { path: `/shared/${made.body.token}`, error: null } : refused(made);
}

function refused({ error, status }: { error: string; status: number }) {
  return data({ path: null, error }, { status });
}
