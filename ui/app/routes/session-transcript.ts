import { apiPath, forward } from "../forward.server.ts";
import type { Route } from "./+types/session-transcript";

/** GET `…/sessions/{sessionId}/transcript`: the session as plain text, a line for what the visitor did and what it led to. */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  const { projectId, sessionId } = args.params;
  return forward(args, apiPath`/v1/projects/${projectId}/sessions/${sessionId}/transcript`, {
    askedWith: ["cookie"],
    answeredWith: ["content-type"],
  });
}
