import { z } from "zod";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { incomplete, outcome } from "../outcome.ts";
import { apiFilters, filtersOf } from "../sessions/filters.ts";
import type { Route } from "./+types/segments";

const Asked = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("save"), name: z.string(), search: z.string() }),
  z.object({ intent: z.literal("replace"), segment_id: z.string(), name: z.string(), search: z.string() }),
  z.object({ intent: z.literal("delete"), segment_id: z.string() }),
]);

/** GET: the project's saved segments, by name. */
export async function loader(args: Route.LoaderArgs) {
  const { segments } = apiClient(args).v1.projects[":project_id"];
  return answer(segments.$get({ param: { project_id: args.params.projectId } }), args);
}

/** POST: saves the filters of an address as a segment, puts them in place of one's, or deletes one. */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return incomplete();
  const { segments } = apiClient(args).v1.projects[":project_id"];
  const one = segments[":segment_id"];
  const project_id = args.params.projectId;
  const { data: form } = asked;
  switch (form.intent) {
    case "save":
      return outcome(await change(segments.$post({ param: { project_id }, json: segmentOf(form) }), args), "saved");
    case "replace": {
      const param = { project_id, segment_id: form.segment_id };
      return outcome(await change(one.$put({ param, json: segmentOf(form) }), args), "replaced");
    }
    case "delete": {
      const param = { project_id, segment_id: form.segment_id };
      return outcome(await change(one.$delete({ param }), args), "deleted");
    }
  }
}

function segmentOf({ name, search }: { name: string; search: string }) {
  // A segment keeps parameters as they stand in an address: text, or a list of texts.
  const filters = apiFilters(filtersOf(new URLSearchParams(search))) as Record<string, string | string[]>;
  return { name, filters };
}
