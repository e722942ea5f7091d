import { environmentContext } from "../environment.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/oidc";

/**
 * GET `/v1/auth/oidc/{step}`: sign-in at the identity provider, by the API. The browser goes through here, so that the
 * session's cookie is this host's.
 */
export async function loader({ request, params, context }: Route.LoaderArgs): Promise<Response> {
  const { apiUrl } = context.get(environmentContext).settings;
  try {
    const answer = await fetch(
      `${apiUrl}/v1/auth/oidc/${encodeURIComponent(params.step)}${new URL(request.url).search}`,
      { headers: pick(request.headers, ["cookie", "user-agent"]), redirect: "manual", signal: request.signal },
    );
    const headers = new Headers(pick(answer.headers, ["location", "content-type", "cache-control"]));
    for (const cookie of answer.headers.getSetCookie()) headers.append("Set-Cookie", cookie);
    return new Response(answer.body, { status: answer.status, headers });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return new Response("The API does not answer", { status: 503 });
  }
}
