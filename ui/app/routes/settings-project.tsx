import { Button, TextInput } from "@mantine/core";
import { Form, Link, redirect, useNavigation } from "react-router";
import { z } from "zod";
import { apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { Refused } from "../components/refused.tsx";
import { incomplete, outcome, refused } from "../outcome.ts";
import { mayManage } from "../roles.ts";
import formStyles from "../settings/form.module.css";
import { Section } from "../settings/section.tsx";
import { SettingsForm } from "../settings/settings-form.tsx";
import type { Route } from "./+types/settings-project";
import { useFrame } from "./project.tsx";

export const meta: Route.MetaFunction = () => [{ title: "Project · Settings · rrHog" }];

const Asked = z.object({ intent: z.enum(["rename", "create"]), name: z.string() });

/** Renames the project, or makes another and goes on to put its snippet in. */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return incomplete();
  const { projects } = apiClient(args).v1;
  const json = { name: asked.data.name };
  if (asked.data.intent === "rename") {
    const one = projects[":project_id"];
    return outcome(await change(one.$patch({ param: { project_id: args.params.projectId }, json }), args), "Renamed");
  }
  const made = await change(projects.$post({ json }), args);
  return made.ok ? redirect(`/projects/${made.body.id}/install`) : refused(made.error, made.status);
}

export default function ProjectSettings({ actionData }: Route.ComponentProps) {
  const { projectId, projects, role } = useFrame();
  const { state } = useNavigation();
  const name = projects.find(({ id }) => id === projectId)?.name ?? "";
  return (
    <>
      <Section title="Name" about="As it stands in the rail, on invitations, and where one chooses among projects.">
        <SettingsForm intent="rename">
          <TextInput
            key={name}
            name="name"
            label="Name of the project"
            maw="20rem"
            required
            maxLength={100}
            defaultValue={name}
            autoComplete="off"
          />
        </SettingsForm>
      </Section>
      <Section title="Install" about="The snippet with this project's key, and what comes from the pages that have it.">
        <Button component={Link} to={`/projects/${projectId}/install`} variant="default">
          Add your site
        </Button>
      </Section>
      {mayManage(role) && (
        <Section
          title="Another project"
          about="For another site or app: with keys, members, settings and sessions of its own. It is yours."
        >
          <Form method="post" className={formStyles.form}>
            <input type="hidden" name="intent" value="create" />
            <div className={formStyles.row}>
              <TextInput name="name" label="Name of the new project" required maxLength={100} autoComplete="off" />
              <Button type="submit" variant="default" loading={state !== "idle"}>
                Make it
              </Button>
            </div>
            <Refused error={actionData?.error} />
          </Form>
        </Section>
      )}
    </>
  );
}
