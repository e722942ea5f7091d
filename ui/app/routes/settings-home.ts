import { redirect } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { pagesFor } from "../settings/pages.ts";
import type { Route } from "./+types/settings-home";

/** Settings begin at the first page that the person has. */
export async function loader(args: Route.LoaderArgs) {
  const { projectId } = args.params;
  const one = apiClient(args).v1.projects[":project_id"];
  const { role } = await answer(one.$get({ param: { project_id: projectId } }), args);
  return redirect(`/projects/${projectId}/settings/${pagesFor(role)[0]?.to}`);
}
