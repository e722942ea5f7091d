import { apiPath, forward } from "../forward.server.ts";
import type { Route } from "./+types/session-export";

/** A file to keep, never a page of this console's own: it may hold what a visitor's page held. */
const INERT = "sandbox; default-src 'none'";

/** GET `…/sessions/{sessionId}/export?format=`: the session as one file, `json` or `html`, as the API makes it. */
export function loader(args: Route.LoaderArgs): Promise<Response> {
  const { projectId, sessionId } = args.params;
  return forward(args, apiPath`/v1/projects/${projectId}/sessions/${sessionId}/export`, {
    query: ["format"],
    askedWith: ["cookie"],
    answeredWith: ["content-type", "content-disposition"],
    headers: { "content-security-policy": INERT },
  });
}
