import { personAt } from "#core/api/client.ts";
import { apiPath, forward } from "../forward.server.ts";
import { personOf } from "../people/address.ts";
import type { Route } from "./+types/person-export";

/** GET: all that is kept of a person, as the API's file. `?recordings=false` without replays. */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  const { param, query } = personAt(args.params.projectId, personOf(args));
  return forward(args, apiPath`/v1/projects/${param.project_id}/users/${param.user_id}/export`, {
    query: ["recordings"],
    fixed: query,
    askedWith: ["cookie"],
    answeredWith: ["content-type", "content-disposition"],
  });
}
