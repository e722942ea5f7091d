import { redirect } from "react-router";
import type { Route } from "./+types/project-home";

export function loader({ params }: Route.LoaderArgs) {
  return redirect(`/projects/${params.projectId}/sessions`);
}
