import { redirect } from "react-router";
import { apiClient, reached } from "../api.server.ts";
import type { Route } from "./+types/sign-out";

/** POST: ends the session at the API and here. Only a POST: a link or a picture must not sign anyone out. */
export async function action(args: Route.ActionArgs) {
  const response = await reached(apiClient(args).v1.auth["sign-out"].$post(), args.request);
  const headers = new Headers();
  for (const cookie of response.headers.getSetCookie()) headers.append("Set-Cookie", cookie);
  return redirect("/sign-in", { headers });
}

export function loader() {
  return redirect("/");
}
