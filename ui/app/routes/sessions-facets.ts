import { answer, apiClient } from "../api.server.ts";
import { filtersQuery } from "../sessions/filters.ts";
import type { Route } from "./+types/sessions-facets";

/** GET: the values that most sessions of this address's list have, to choose from. */
export async function loader(args: Route.LoaderArgs) {
  const search = new URL(args.request.url).searchParams;
  const { facets } = apiClient(args).v1.projects[":project_id"].sessions;
  const param = { project_id: args.params.projectId };
  return answer(facets.$get({ param, query: filtersQuery(search, Date.now()) }), args).catch(noSuggestions);
}

/** A value can be typed as well; who is not signed in is still sent to sign in. */
function noSuggestions(thrown: unknown): null {
  if (thrown instanceof Response) throw thrown;
  return null;
}
