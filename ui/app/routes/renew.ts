import { apiClient, reach } from "../api.server.ts";
import { isRenewalDue } from "../auth/renewal.server.ts";
import type { Route } from "./+types/renew";

/** POST: renews the sign-in where it is time. Always a 204: an old one goes on, and what follows says when it is over. */
export async function action(args: Route.ActionArgs): Promise<Response> {
  const headers = new Headers();
  if (isRenewalDue(args.request.headers.get("cookie"), Date.now())) {
    const reached = await reach<Response>(apiClient(args).v1.auth.renew.$post(), args.request);
    if (reached.ok) {
      for (const cookie of reached.response.headers.getSetCookie()) headers.append("Set-Cookie", cookie);
    }
  }
  return new Response(null, { status: 204, headers });
}
