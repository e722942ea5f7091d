import { apiPath, forward } from "../forward.server.ts";
import type { Route } from "./+types/session-events";

/**
 * GET `…/sessions/{sessionId}/events`: the API's answer to the browser that plays it. Kept assets stand in the events by
 * the addresses of routes/asset.ts. Parameters as the API's: `window_id`, `from` and `to` in ms of session time, `limit`,
 * `cursor`.
 */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  const { projectId, sessionId } = args.params;
  return forward(args, apiPath`/v1/projects/${projectId}/sessions/${sessionId}/events`, {
    query: ["window_id", "from", "to", "limit", "cursor"],
    fixed: { assets: "kept" },
    askedWith: ["cookie", "if-none-match"],
    answeredWith: ["content-type", "etag", "cache-control", "x-rrhog-windows"],
  });
}
