import { environmentContext } from "../environment.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/shared-events";

const FORWARDED = ["window_id", "from", "limit", "cursor"];
const ANSWERED_WITH = ["content-type", "etag", "cache-control", "retry-after"];

/** GET `/shared/{token}/events`: as routes/session-events.ts, of what a share link opens, and without anybody's cookie. */
export async function loader({ request, params, context }: Route.LoaderArgs): Promise<Response> {
  const { apiUrl } = context.get(environmentContext).settings;
  const asked = new URL(request.url).searchParams;
  const query = new URLSearchParams(FORWARDED.flatMap((name) => asked.getAll(name).map((value) => [name, value])));
  try {
    const answer = await fetch(`${apiUrl}/v1/shared/${encodeURIComponent(params.token)}/events?${query}`, {
      headers: { accept: "application/json", ...pick(request.headers, ["if-none-match"]) },
      signal: request.signal,
    });
    return new Response(answer.body, { status: answer.status, headers: pick(answer.headers, ANSWERED_WITH) });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return Response.json({ code: "api_unreachable", title: "The API does not answer" }, { status: 503 });
  }
}
