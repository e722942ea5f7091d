import { apiPath, forward } from "../forward.server.ts";
import type { Route } from "./+types/person-export";

/** GET: all that is kept of a person, as the API's file. `?recordings=false` without replays. */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  const { projectId, userId } = args.params;
  return forward(args, apiPath`/v1/projects/${projectId}/users/${userId}/export`, {
    query: ["recordings"],
    askedWith: ["cookie"],
    answeredWith: ["content-type", "content-disposition"],
  });
}
