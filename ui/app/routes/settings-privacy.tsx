import { data } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { incomplete, outcome, refused } from "../outcome.ts";
import { mayManage } from "../roles.ts";
import { AskFirst } from "../settings/ask-first.tsx";
import { RedactionReceipts } from "../settings/redaction-receipts.tsx";
import { RulesForm } from "../settings/rules-form.tsx";
import { Section } from "../settings/section.tsx";
import { useAgainWhile } from "../use-again-while.ts";
import type { Route } from "./+types/settings-privacy";
import { useFrame } from "./project.tsx";

export const meta: Route.MetaFunction = () => [{ title: "Privacy · Settings · rrHog" }];

export async function loader(args: Route.LoaderArgs) {
  const one = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  const [{ redaction }, { receipts }] = await Promise.all([
    answer(one.settings.$get({ param }), args),
    answer(one.redactions.$get({ param, query: {} }), args),
  ]);
  return { redaction, receipts };
}

/** Saves the rules, tries them on a text, or has them applied to what is stored. */
export async function action(args: Route.ActionArgs) {
  const form = await args.request.formData();
  const one = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  switch (form.get("intent")) {
    case "rules":
      return outcome(
        await change(one.settings.$patch({ param, json: { redaction: rulesOf(form) } }), args),
        "Rules saved",
      );
    case "try": {
      const json = { text: String(form.get("text") ?? ""), redaction: rulesOf(form) };
      const tried = await change(one.settings.redaction.try.$post({ param, json }), args);
      return tried.ok ? data({ made: tried.body, done: null, error: null }) : refused(tried.error, tried.status);
    }
    case "apply":
      return outcome(await change(one.redactions.$post({ param }), args), "The worker applies the rules");
    default:
      return incomplete();
  }
}

/** Rows of which nothing is filled in are no rules. */
function rulesOf(form: FormData) {
  const patterns = form.getAll("own_pattern").map(String);
  const own = form
    .getAll("own_name")
    .map((name, index) => ({ name: String(name).trim(), pattern: patterns[index] ?? "" }));
  return {
    cards: form.has("cards"),
    emails: form.has("emails"),
    ibans: form.has("ibans"),
    jwts: form.has("jwts"),
    keys: form.has("keys"),
    own: own.filter(({ name, pattern }) => name !== "" || pattern !== ""),
  };
}

export default function Privacy({ loaderData }: Route.ComponentProps) {
  const { redaction, receipts } = loaderData;
  const { role } = useFrame();
  useAgainWhile(receipts.some(({ state }) => state !== "done"));
  return (
    <>
      <Section
        title="Redaction"
        about="Masking happens in the visitor's page (Recording). This is the second net: what is found in texts and addresses is made unreadable before it is stored."
      >
        <RulesForm rules={redaction} />
      </Section>
      <Section
        title="Stored sessions"
        about="Rules count for what is stored from now on. Applied to what is stored already, they make it anew, and the old rows are taken away. What is unreadable stays so."
      >
        {mayManage(role) && (
          <AskFirst
            label="Apply the rules to stored sessions"
            title="Apply the rules to all stored sessions?"
            confirm="Apply them"
            fields={{ intent: "apply" }}
          >
            By the rules that are saved now. What they make unreadable cannot be made readable again.
          </AskFirst>
        )}
        <RedactionReceipts receipts={receipts} />
      </Section>
    </>
  );
}
