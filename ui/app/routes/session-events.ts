import { environmentContext } from "../environment.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/session-events";

const FORWARDED = ["window_id", "from", "to", "limit", "cursor"];
const ASKED_WITH = ["cookie", "if-none-match"];
const ANSWERED_WITH = ["content-type", "etag", "cache-control", "x-rrhog-windows"];

/**
 * GET `…/sessions/{sessionId}/events`: the API's answer to the browser that plays it, byte for byte. Events are never
 * parsed on the way. Kept assets stand in them by the addresses of routes/asset.ts. Parameters as the API's: `window_id`,
 * `from` and `to` in ms of session time, `limit`, `cursor`.
 */
export async function loader({ request, params, context }: Route.LoaderArgs): Promise<Response> {
  const { apiUrl } = context.get(environmentContext).settings;
  const asked = new URL(request.url).searchParams;
  const query = new URLSearchParams(FORWARDED.flatMap((name) => asked.getAll(name).map((value) => [name, value])));
  query.set("assets", "kept");
  const path = `/v1/projects/${encodeURIComponent(params.projectId)}/sessions/${encodeURIComponent(params.sessionId)}/events`;
  try {
    const answer = await fetch(`${apiUrl}${path}?${query}`, {
      headers: { accept: "application/json", ...pick(request.headers, ASKED_WITH) },
      signal: request.signal,
    });
    return new Response(answer.body, { status: answer.status, headers: pick(answer.headers, ANSWERED_WITH) });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return Response.json({ code: "api_unreachable", title: "The API does not answer" }, { status: 503 });
  }
}
