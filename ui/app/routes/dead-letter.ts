import { answer, apiClient } from "../api.server.ts";
import type { Route } from "./+types/dead-letter";

/** GET: one dead letter with its content. That somebody looked stands in the audit log. */
export async function loader(args: Route.LoaderArgs) {
  const one = apiClient(args).v1.projects[":project_id"]["dead-letters"][":letter_id"];
  const { projectId, letterId } = args.params;
  return answer(one.$get({ param: { project_id: projectId, letter_id: letterId } }), args);
}
