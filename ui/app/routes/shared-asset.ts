import { environmentContext } from "../environment.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/shared-asset";

const ANSWERED_WITH = ["content-type", "content-length", "cache-control", "content-security-policy"];

/** GET `/v1/shared/{token}/assets/{hash}`: as routes/asset.ts, for whoever has the link. */
export async function loader({ request, params, context }: Route.LoaderArgs): Promise<Response> {
  const { apiUrl } = context.get(environmentContext).settings;
  const path = `/v1/shared/${encodeURIComponent(params.token)}/assets/${encodeURIComponent(params.hash)}`;
  try {
    const answer = await fetch(`${apiUrl}${path}`, { signal: request.signal });
    return new Response(answer.body, { status: answer.status, headers: pick(answer.headers, ANSWERED_WITH) });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return new Response("The API does not answer", { status: 503 });
  }
}
