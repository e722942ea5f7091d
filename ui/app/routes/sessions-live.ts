import { answerOrNull, apiClient } from "../api.server.ts";
import type { Route } from "./+types/sessions-live";

/** GET: the ids of the sessions in progress, for a list that is open to keep its marks. Null while nobody can say. */
export async function loader(args: Route.LoaderArgs) {
  const { live } = apiClient(args).v1.projects[":project_id"];
  const told = await answerOrNull(live.$get({ param: { project_id: args.params.projectId }, query: {} }), args);
  return told?.sessions.map(({ session_id }) => session_id) ?? null;
}
