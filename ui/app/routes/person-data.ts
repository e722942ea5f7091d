import { data } from "react-router";
import { personAt } from "#core/api/client.ts";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { personOf } from "../people/address.ts";
import type { Route } from "./+types/person-data";

/** GET: what deleting this person would take. */
export async function loader(args: Route.LoaderArgs) {
  const person = apiClient(args).v1.projects[":project_id"].users[":user_id"];
  return answer(person.data.$get(personAt(args.params.projectId, personOf(args))), args);
}

/** POST: deletes every session that showed this person. Answers the receipt's id, or why not. */
export async function action(args: Route.ActionArgs) {
  const person = apiClient(args).v1.projects[":project_id"].users[":user_id"];
  const deleted = await change(person.data.$delete(personAt(args.params.projectId, personOf(args))), args);
  if (!deleted.ok) return data({ receipt: null, error: deleted.error }, { status: deleted.status });
  const { receipt_id, sessions } = deleted.body;
  return { receipt: { id: receipt_id, sessions }, error: null };
}
