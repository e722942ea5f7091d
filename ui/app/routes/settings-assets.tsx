import { Textarea } from "@mantine/core";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { outcome } from "../outcome.ts";
import { words } from "../settings/fields.ts";
import formStyles from "../settings/form.module.css";
import { Section } from "../settings/section.tsx";
import { SettingsForm } from "../settings/settings-form.tsx";
import type { Route } from "./+types/settings-assets";

export const meta: Route.MetaFunction = () => [{ title: "Assets · Settings · rrHog" }];

export async function loader(args: Route.LoaderArgs) {
  const { settings } = apiClient(args).v1.projects[":project_id"];
  return (await answer(settings.$get({ param: { project_id: args.params.projectId } }), args)).assets;
}

export async function action(args: Route.ActionArgs) {
  const hosts = words(String((await args.request.formData()).get("hosts") ?? ""));
  const { settings } = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  return outcome(await change(settings.$patch({ param, json: { assets: { hosts } } }), args), "Hosts saved");
}

export default function Assets({ loaderData }: Route.ComponentProps) {
  return (
    <Section
      title="Assets"
      about="Stylesheets, pictures and fonts of recorded pages are fetched from these hosts and kept, so that a replay looks as it did after your next deploy too. From other hosts nothing is fetched: a hatched box stands there."
    >
      <SettingsForm intent="hosts">
        <Textarea
          name="hosts"
          label="Allowed hosts"
          description="One a line: cdn.example.com, or *.example.com for all below it. For pages that are recorded from now on"
          autosize
          minRows={3}
          className={formStyles.mono}
          defaultValue={loaderData.hosts.join("\n")}
        />
      </SettingsForm>
    </Section>
  );
}
