import { redirect } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import type { Route } from "./+types/home";

/** The console begins at the sessions of the first project that the person may see. */
export async function loader(args: Route.LoaderArgs) {
  const { projects } = await answer(apiClient(args).v1.projects.$get(), args);
  const [first] = projects;
  if (!first) throw new Response("You are a member of no project. Ask an owner to add you.", { status: 404 });
  return redirect(`/projects/${first.id}/sessions`);
}
