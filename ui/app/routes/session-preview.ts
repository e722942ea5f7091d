import { answerOrNull, apiClient } from "../api.server.ts";
import { highlightsOf } from "../sessions/highlights.ts";
import type { Route } from "./+types/session-preview";

/** GET: the moments of a session that a preview beside the list shows; null where they cannot be said. */
export async function loader(args: Route.LoaderArgs) {
  const { projectId, sessionId } = args.params;
  const one = apiClient(args).v1.projects[":project_id"].sessions[":session_id"];
  const told = await answerOrNull(one.timeline.$get({ param: { project_id: projectId, session_id: sessionId } }), args);
  return told && highlightsOf(told.items);
}
