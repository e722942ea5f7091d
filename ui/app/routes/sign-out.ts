import { data, redirect } from "react-router";
import { apiClient, reach, refusal } from "../api.server.ts";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/sign-out";

/** POST: ends the session at the API and here. Only a POST: a link or a picture must not sign anyone out. */
export async function action(args: Route.ActionArgs) {
  const reached = await reach(apiClient(args).v1.auth["sign-out"].$post(), args.request);
  if (!reached.ok) throw data(reached.failure, { status: 503 });
  const { response } = reached;
  // A session that could not be ended is not to look as if it were.
  if (!response.ok) throw data(await refusal(response), { status: response.status });
  return redirect("/sign-in", { headers: pick(response.headers, ["set-cookie"]) });
}

export function loader() {
  return redirect("/");
}
