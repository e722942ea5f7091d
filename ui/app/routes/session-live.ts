import { apiPath, forward } from "../forward.server.ts";
import type { Route } from "./+types/session-live";

/**
 * GET `…/sessions/{sessionId}/live`: the API's stream of a session's new events to the browser that watches it. `cursor`:
 * the `id` of the last message heard, where the browser does not send it by itself.
 */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  const { projectId, sessionId } = args.params;
  return forward(args, apiPath`/v1/projects/${projectId}/sessions/${sessionId}/live`, {
    query: ["cursor"],
    askedWith: ["accept", "cookie", "last-event-id"],
    answeredWith: ["content-type", "retry-after"],
    headers: { "cache-control": "no-store", "x-accel-buffering": "no" },
  });
}
