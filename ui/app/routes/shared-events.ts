import { apiPath, forward } from "../forward.server.ts";
import type { Route } from "./+types/shared-events";

/** GET `/shared/{token}/events`: as routes/session-events.ts, of what a share link opens, and without anybody's cookie. */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  return forward(args, apiPath`/v1/shared/${args.params.token}/events`, {
    query: ["window_id", "from", "limit", "cursor"],
    askedWith: ["if-none-match"],
    answeredWith: ["content-type", "etag", "cache-control", "retry-after"],
  });
}
