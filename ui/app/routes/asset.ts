import { apiPath, forward } from "../forward.server.ts";
import type { Route } from "./+types/asset";

/** GET `/v1/projects/{projectId}/assets/{hash}`: an image or font of a replayed page, from the API, for who may see it. */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  const { projectId, hash } = args.params;
  return forward(args, apiPath`/v1/projects/${projectId}/assets/${hash}`, {
    askedWith: ["cookie"],
    answeredWith: ["content-type", "content-length", "cache-control", "content-security-policy"],
  });
}
