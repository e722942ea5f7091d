import { Button, PasswordInput, TextInput } from "@mantine/core";
import { data, Form, redirect, useNavigation } from "react-router";
import { z } from "zod";
import { answer, apiClient, reach, refusalInWords } from "../api.server.ts";
import entryStyles from "../auth/entry-page.module.css";
import { EntryPage } from "../auth/entry-page.tsx";
import { Refused } from "../components/refused.tsx";
import { pick } from "../forward.server.ts";
import type { Route } from "./+types/first-run";

export const meta: Route.MetaFunction = () => [{ title: "Welcome · rrHog" }];

const text = z.string().trim();
const Submission = z.object({
  setup_token: text.min(1, "Type the setup token"),
  project_name: text.min(1, "Give the project a name").max(100),
  name: text.min(1, "Type your name").max(100),
  email: z.email("This is no e-mail address").max(254),
  password: z.string().min(10, "The password has at least ten characters").max(128, "The password is too long"),
});

/** Once, while nobody has an account; afterwards one signs in. */
export async function loader(args: Route.LoaderArgs) {
  const methods = await answer(apiClient(args).v1.auth.methods.$get(), args);
  if (!methods.first_run) throw redirect("/sign-in");
  return null;
}

/** Makes the owner and the project, and goes on to it signed in. */
export async function action(args: Route.ActionArgs) {
  const form = Object.fromEntries(await args.request.formData());
  const parsed = Submission.safeParse(form);
  const typed = {
    email: String(form.email ?? ""),
    name: String(form.name ?? ""),
    project: String(form.project_name ?? ""),
  };
  if (!parsed.success) {
    return data({ ...typed, error: parsed.error.issues[0]?.message ?? "The form is incomplete" }, { status: 400 });
  }
  const first = apiClient(args).v1.auth["first-run"];
  const reached = await reach(first.$post({ json: parsed.data }), args.request);
  if (!reached.ok) return data({ ...typed, error: reached.failure.title }, { status: 503 });
  const { response } = reached;
  if (response.status !== 201) {
    return data({ ...typed, error: await refusalInWords(response) }, { status: response.status });
  }
  const { project } = await response.json();
  return redirect(`/projects/${project.id}/install`, { headers: pick(response.headers, ["set-cookie"]) });
}

export default function FirstRun({ actionData }: Route.ComponentProps) {
  const { state } = useNavigation();
  return (
    <EntryPage title="Welcome to rrHog" words="Nobody has an account here yet. The first one owns the first project.">
      <Refused error={actionData?.error} />
      <Form method="post" className={entryStyles.form} noValidate>
        <TextInput
          name="setup_token"
          label="Setup token"
          description="SETUP_TOKEN as it was set, or else setup_token in the API's log: so that no stranger is first"
          autoComplete="off"
          required
          size="md"
        />
        <TextInput
          name="project_name"
          label="Project"
          description="The site or app that is to be recorded"
          autoComplete="organization"
          defaultValue={actionData?.project ?? ""}
          required
          size="md"
        />
        <TextInput
          name="name"
          label="Your name"
          autoComplete="name"
          defaultValue={actionData?.name ?? ""}
          required
          size="md"
        />
        <TextInput
          name="email"
          type="email"
          label="E-mail"
          autoComplete="username"
          defaultValue={actionData?.email ?? ""}
          required
          size="md"
        />
        <PasswordInput
          name="password"
          label="Password"
          description="At least ten characters"
          autoComplete="new-password"
          required
          size="md"
        />
        <Button type="submit" size="md" fullWidth loading={state !== "idle"}>
          Begin
        </Button>
      </Form>
    </EntryPage>
  );
}
