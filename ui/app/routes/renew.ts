import { apiClient, reach } from "../api.server.ts";
import { isRenewalDue } from "../auth/renewal.server.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/renew";

/** POST: renews the sign-in where it is time. Always a 204: an old one goes on, and what follows says when it is over. */
export async function action(args: Route.ActionArgs): Promise<Response> {
  if (!isRenewalDue(args.request.headers.get("cookie"), Date.now())) return new Response(null, { status: 204 });
  const reached = await reach<Response>(apiClient(args).v1.auth.renew.$post(), args.request);
  return new Response(null, {
    status: 204,
    headers: reached.ok ? pick(reached.response.headers, ["set-cookie"]) : {},
  });
}
