import { environmentContext } from "../environment.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/asset";

const ANSWERED_WITH = ["content-type", "content-length", "cache-control", "content-security-policy"];

/** GET `/v1/projects/{projectId}/assets/{hash}`: an image or font of a replayed page, from the API, for who may see it. */
export async function loader({ request, params, context }: Route.LoaderArgs): Promise<Response> {
  const { apiUrl } = context.get(environmentContext).settings;
  const path = `/v1/projects/${encodeURIComponent(params.projectId)}/assets/${encodeURIComponent(params.hash)}`;
  try {
    const answer = await fetch(`${apiUrl}${path}`, {
      headers: pick(request.headers, ["cookie"]),
      signal: request.signal,
    });
    return new Response(answer.body, { status: answer.status, headers: pick(answer.headers, ANSWERED_WITH) });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return new Response("The API does not answer", { status: 503 });
  }
}
