import type { ShouldRevalidateFunctionArgs } from "react-router";
import { answerOrNull, apiClient } from "../api.server.ts";
import type { Route } from "./+types/session-timeline";

/** GET `…/sessions/{sessionId}/timeline`: what happened in the session; null where it could not be had. */
export async function loader(args: Route.LoaderArgs) {
  const { projectId, sessionId } = args.params;
  const { timeline } = apiClient(args).v1.projects[":project_id"].sessions[":session_id"];
  const told = await answerOrNull(timeline.$get({ param: { project_id: projectId, session_id: sessionId } }), args);
  return told?.items ?? null;
}

/** A note or a link that somebody makes beside it changes nothing of what happened. */
export function shouldRevalidate({ formAction }: ShouldRevalidateFunctionArgs): boolean {
  return formAction === undefined;
}
