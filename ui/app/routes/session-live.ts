import { environmentContext } from "../environment.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/session-live";

const ASKED_WITH = ["cookie", "last-event-id"];
const ANSWERED_WITH = ["content-type", "retry-after"];

/**
 * GET `…/sessions/{sessionId}/live`: the API's stream of a session's new events to the browser that watches it, byte for
 * byte as they come. `cursor`: the `id` of the last message heard, where the browser does not send it by itself.
 */
export async function loader({ request, params, context }: Route.LoaderArgs): Promise<Response> {
  const { apiUrl } = context.get(environmentContext).settings;
  const cursor = new URL(request.url).searchParams.get("cursor");
  const query = new URLSearchParams(cursor ? { cursor } : {});
  const path = `/v1/projects/${encodeURIComponent(params.projectId)}/sessions/${encodeURIComponent(params.sessionId)}/live`;
  try {
    const answer = await fetch(`${apiUrl}${path}?${query}`, {
      headers: { accept: "text/event-stream", ...pick(request.headers, ASKED_WITH) },
      signal: request.signal,
    });
    return new Response(answer.body, {
      status: answer.status,
      headers: { ...pick(answer.headers, ANSWERED_WITH), "cache-control": "no-store", "x-accel-buffering": "no" },
    });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return Response.json({ code: "api_unreachable", title: "The API does not answer" }, { status: 503 });
  }
}
