import { apiPath, forward } from "../forward.server.ts";
import type { Route } from "./+types/oidc";

/**
 * GET `/v1/auth/oidc/{step}`: sign-in at the identity provider, by the API. The browser goes through here, so that the
 * session's cookie is this host's.
 */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  return forward(args, apiPath`/v1/auth/oidc/${args.params.step}`, {
    query: "all",
    askedWith: ["cookie", "user-agent"],
    answeredWith: ["location", "content-type", "cache-control", "set-cookie"],
  });
}
