import { z } from "zod";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { counted } from "../format/duration.ts";
import { incomplete, outcome } from "../outcome.ts";
import { DeadLetters } from "../settings/dead-letters.tsx";
import { DeleteSomebody } from "../settings/delete-somebody.tsx";
import { DeletionReceipts } from "../settings/deletion-receipts.tsx";
import { Section } from "../settings/section.tsx";
import { useAgainWhile } from "../use-again-while.ts";
import type { Route } from "./+types/settings-data";

export const meta: Route.MetaFunction = () => [{ title: "Data · Settings · rrHog" }];

/** `?reason=`, `?cursor=` of dead letters. */
export async function loader(args: Route.LoaderArgs) {
  const search = new URL(args.request.url).searchParams;
  const one = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  const query = Object.fromEntries([...search].filter(([name]) => name === "reason" || name === "cursor"));
  const [letters, { receipts }] = await Promise.all([
    answer(one["dead-letters"].$get({ param, query }), args),
    answer(one.deletions.$get({ param, query: {} }), args),
  ]);
  return { letters, receipts };
}

const letters = { letter_id: z.string().optional(), reason: z.string().optional() };
const Asked = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("redrive"), ...letters }),
  z.object({ intent: z.literal("drop"), ...letters }),
]);

export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return incomplete();
  const one = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  const form = asked.data;
  const { letter_id, reason } = form;
  const all = one["dead-letters"];
  const query = reason === undefined ? {} : { reason };
  if (form.intent === "redrive") {
    const driven = await (letter_id === undefined
      ? change(all.redrive.$post({ param, query }), args)
      : change(all[":letter_id"].redrive.$post({ param: { ...param, letter_id } }), args));
    return outcome(
      driven,
      driven.ok ? `The worker drives ${counted(driven.body.letters, "batch", "batches")} again` : "",
    );
  }
  const dropped = await (letter_id === undefined
    ? change(all.$delete({ param, query }), args)
    : change(all[":letter_id"].$delete({ param: { ...param, letter_id } }), args));
  return outcome(dropped, dropped.ok ? `Dropped: ${counted(dropped.body.letters, "batch", "batches")}` : "");
}

export default function Data({ loaderData }: Route.ComponentProps) {
  const { letters, receipts } = loaderData;
  useAgainWhile(
    receipts.some(({ status }) => status === "pending") ||
      letters.dead_letters.some(({ state }) => state === "driving"),
  );
  return (
    <>
      <Section
        title="Dead letters"
        about="Batches that could never be loaded as things stand: broken on the way, or of a format that this release does not know. They are kept until somebody decides."
      >
        <DeadLetters page={letters} />
      </Section>
      <Section
        title="Delete a person's data"
        about="Every session that shows the person. An id comes from pages, with a public key: look first at what would be taken."
      >
        <DeleteSomebody />
      </Section>
      <Section
        title="Deletions"
        about="A receipt for each. Done means: looked for again in every table, and nothing found."
      >
        <DeletionReceipts receipts={receipts} />
      </Section>
    </>
  );
}
