import { environmentContext } from "../environment.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/person-export";

const ANSWERED_WITH = ["content-type", "content-disposition"];

/** GET: all that is kept of a person, as the API's file, byte for byte as it comes. `?recordings=false` without replays. */
export async function loader({ request, params, context }: Route.LoaderArgs): Promise<Response> {
  const { apiUrl } = context.get(environmentContext).settings;
  const recordings = new URL(request.url).searchParams.get("recordings") === "false" ? "false" : "true";
  const path = `/v1/projects/${encodeURIComponent(params.projectId)}/users/${encodeURIComponent(params.userId)}/export`;
  try {
    const answer = await fetch(`${apiUrl}${path}?recordings=${recordings}`, {
      headers: pick(request.headers, ["cookie"]),
      signal: request.signal,
    });
    return new Response(answer.body, { status: answer.status, headers: pick(answer.headers, ANSWERED_WITH) });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return Response.json({ code: "api_unreachable", title: "The API does not answer" }, { status: 503 });
  }
}
