import { environmentContext } from "../environment.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/session-export";

const ANSWERED_WITH = ["content-type", "content-disposition"];
/** A file to keep, never a page of this console's own: it may hold what a visitor's page held. */
const INERT = "sandbox; default-src 'none'";

/** GET `…/sessions/{sessionId}/export?format=`: the session as one file, `json` or `html`, as the API makes it. */
export async function loader({ request, params, context }: Route.LoaderArgs): Promise<Response> {
  const { apiUrl } = context.get(environmentContext).settings;
  const format = new URL(request.url).searchParams.get("format") ?? "json";
  const path = `/v1/projects/${encodeURIComponent(params.projectId)}/sessions/${encodeURIComponent(params.sessionId)}/export`;
  try {
    const answer = await fetch(`${apiUrl}${path}?${new URLSearchParams({ format })}`, {
      headers: pick(request.headers, ["cookie"]),
      signal: request.signal,
    });
    const headers = { ...pick(answer.headers, ANSWERED_WITH), "content-security-policy": INERT };
    return new Response(answer.body, { status: answer.status, headers });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return new Response("The API does not answer. Try again in a moment.", { status: 503 });
  }
}
