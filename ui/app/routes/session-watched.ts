import { data } from "react-router";
import { z } from "zod";
import { apiClient, reach } from "../api.server.ts";
import type { Route } from "./+types/session-watched";

const Asked = z.object({ at_ms: z.coerce.number().int().min(0) });

/** POST: the signed-in person has watched the session up to a moment of it. */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return data({ watched: false }, { status: 400 });
  const { projectId, sessionId } = args.params;
  const { watched } = apiClient(args).v1.projects[":project_id"].sessions[":session_id"];
  const param = { project_id: projectId, session_id: sessionId };
  const reached = await reach(watched.$post({ param, json: asked.data }), args.request);
  const status = reached.ok ? reached.response.status : 503;
  return data({ watched: status === 200 }, { status });
}

/** The page does not change by it. */
export function shouldRevalidate() {
  return false;
}
