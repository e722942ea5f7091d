import { answerOrNull, apiClient } from "../api.server.ts";
import { filtersQuery } from "../sessions/filters.ts";
import type { Route } from "./+types/sessions-facets";

/** GET: the values that most sessions of this address's list have, to choose from; null where it cannot be said. */
export async function loader(args: Route.LoaderArgs) {
  const search = new URL(args.request.url).searchParams;
  const { facets } = apiClient(args).v1.projects[":project_id"].sessions;
  const param = { project_id: args.params.projectId };
  return answerOrNull(facets.$get({ param, query: filtersQuery(search, Date.now()) }), args);
}
