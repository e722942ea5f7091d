import { answerOrNull, apiClient } from "../api.server.ts";
import { filtersQuery } from "../sessions/filters.ts";
import type { Route } from "./+types/sessions-count";

/** GET: how many sessions the list of this address has. By itself, since among very many it may take longer than a page of them. */
export async function loader(args: Route.LoaderArgs) {
  const search = new URL(args.request.url).searchParams;
  const { count } = apiClient(args).v1.projects[":project_id"].sessions;
  const param = { project_id: args.params.projectId };
  return answerOrNull(count.$get({ param, query: filtersQuery(search, Date.now()) }), args);
}
