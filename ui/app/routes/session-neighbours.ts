import { answerOrNull, apiClient } from "../api.server.ts";
import { sessionsQuery } from "../sessions/filters.ts";
import { listOf } from "../sessions/in-list.ts";
import type { Route } from "./+types/session-neighbours";

/** GET `…/neighbours?list=`: the sessions before and after this one in the list of that address; null where nobody can say. */
export async function loader(args: Route.LoaderArgs) {
  const { projectId, sessionId } = args.params;
  const list = listOf(new URL(args.request.url).searchParams) ?? new URLSearchParams();
  list.delete("cursor");
  const { neighbours } = apiClient(args).v1.projects[":project_id"].sessions[":session_id"];
  const param = { project_id: projectId, session_id: sessionId };
  return answerOrNull(neighbours.$get({ param, query: sessionsQuery(list, Date.now()) }), args);
}

/** Where it stands does not change while one looks at it. */
export function shouldRevalidate() {
  return false;
}
