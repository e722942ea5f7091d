import { data } from "react-router";
import { z } from "zod";
import { apiClient, reach, refusal } from "../api.server.ts";
import type { Route } from "./+types/session-shares";

const seconds = z.coerce.number().min(0).max(31_622_400);

const Asked = z.object({
  expires_in_s: z.coerce.number().int(),
  span: z.enum(["whole", "part"]),
  from_s: seconds.default(0),
  to_s: seconds.default(0),
  shows_person: z.literal("on").optional(),
});

/** POST: makes a link to a session, or to a part of it. Answers its path, which nobody can be told again, or why not. */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return data({ path: null, error: "The form is incomplete" }, { status: 400 });
  const { expires_in_s, span, from_s, to_s, shows_person } = asked.data;
  const part = span === "part" ? { from_ms: Math.round(from_s * 1_000), to_ms: Math.round(to_s * 1_000) } : {};
  const { projectId, sessionId } = args.params;
  const { shares } = apiClient(args).v1.projects[":project_id"].sessions[":session_id"];
  const reached = await reach(
    shares.$post({
      param: { project_id: projectId, session_id: sessionId },
      json: { expires_in_s, shows_person: shows_person === "on", ...part },
    }),
    args.request,
  );
  if (!reached.ok) return data({ path: null, error: reached.failure.title }, { status: 503 });
  const { response } = reached;
  if (response.status !== 201) {
    const { title, detail } = await refusal(response);
    return data({ path: null, error: detail ?? title }, { status: response.status });
  }
  const { token } = await response.json();
  return data({ path: `/shared/${token}`, error: null });
}
