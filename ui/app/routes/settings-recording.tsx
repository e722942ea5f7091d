import { Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { incomplete, outcome } from "../outcome.ts";
import { flagField, inUnit } from "../settings/fields.ts";
import formStyles from "../settings/form.module.css";
import { MaskingPreview } from "../settings/masking-preview.tsx";
import { Asked, PERCENT, patchOf, SECOND_MS } from "../settings/recording-patch.ts";
import { Section } from "../settings/section.tsx";
import { SelectorInput } from "../settings/selector-input.tsx";
import { SettingsForm } from "../settings/settings-form.tsx";
import type { Route } from "./+types/settings-recording";

export const meta: Route.MetaFunction = () => [{ title: "Recording · Settings · rrHog" }];

export async function loader(args: Route.LoaderArgs) {
  const { settings } = apiClient(args).v1.projects[":project_id"];
  return answer(settings.$get({ param: { project_id: args.params.projectId } }), args);
}

export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return incomplete();
  const { settings } = apiClient(args).v1.projects[":project_id"];
  const json = patchOf(asked.data);
  const changed = change(settings.$patch({ param: { project_id: args.params.projectId }, json }), args);
  return outcome(await changed, "Saved: pages that are opened from now on go by it within two minutes");
}

const FLAG = [
  { value: "", label: "As the page says" },
  { value: "on", label: "On" },
  { value: "off", label: "Off" },
];

const CAPTURED = [
  { name: "console", label: "Console", description: "What the page logs" },
  { name: "errors", label: "Errors", description: "Exceptions with their stacks" },
  { name: "network", label: "Network", description: "Requests without their bodies" },
  { name: "vitals", label: "Web vitals", description: "How fast the page was for them" },
  { name: "clicks", label: "Clicks", description: "Rage and dead clicks" },
] as const;

export default function Recording({ loaderData }: Route.ComponentProps) {
  const { limits, recorder, lists } = loaderData;
  return (
    <>
      <Section
        title="Who may record"
        about="Origins of your pages. Recordings from elsewhere are refused. Empty: every origin may, also a stranger's page with your write key."
      >
        <SettingsForm intent="origins">
          <Textarea
            name="origins"
            label="Allowed origins"
            description="One a line: https://shop.example.com, or https://*.example.com for all below it"
            autosize
            minRows={2}
            className={formStyles.mono}
            defaultValue={limits.allowed_origins.join("\n")}
          />
        </SettingsForm>
      </Section>
      <Section
        title="Sampling"
        about="Which sessions are recorded. A session is recorded as a whole or not at all; by its id, so that every page of it decides alike."
      >
        <SettingsForm intent="sampling">
          <div className={formStyles.pair}>
            <TextInput
              name="percent"
              type="number"
              min={0}
              max={100}
              step="any"
              required
              label="Per cent of sessions"
              defaultValue={inUnit(limits.sample_rate, PERCENT)}
            />
            <TextInput
              name="seconds"
              type="number"
              min={0}
              step="any"
              label="Leave out what is shorter, seconds"
              defaultValue={inUnit(recorder.minDurationMs ?? null, SECOND_MS)}
            />
            <NativeSelect
              name="sampleOnError"
              label="Record the rest from an error on"
              description="With the minute before it"
              data={FLAG}
              defaultValue={flagField(recorder.sampleOnError)}
            />
            <TextInput
              name="startOnEvent"
              label="Record from this custom event on"
              description="With the minute before it"
              maxLength={200}
              defaultValue={recorder.startOnEvent ?? ""}
            />
          </div>
        </SettingsForm>
      </Section>
      <Section
        title="Masking"
        about="Done in the visitor's page, before anything is sent. What people type is masked in both modes; of this and what the page itself says the stricter holds."
      >
        <MaskingPreview />
        <SettingsForm intent="masking">
          <NativeSelect
            name="privacy"
            label="Mode"
            data={[
              { value: "", label: "As the page says" },
              { value: "balanced", label: "Balanced: what is typed is masked, the page's own text is shown" },
              { value: "strict", label: "Strict: all text is masked, pictures are left out" },
            ]}
            defaultValue={recorder.privacy ?? ""}
          />
          <SelectorInput
            name="maskText"
            label="Mask the text of"
            description="A CSS selector, such as .balance, [data-private]"
            defaultValue={recorder.maskText ?? ""}
          />
          <SelectorInput
            name="block"
            label="Leave out altogether"
            description="A CSS selector. A box of the same size stands there"
            defaultValue={recorder.block ?? ""}
          />
          <div className={formStyles.pair}>
            <Textarea
              name="recordUrls"
              label="Record these addresses only"
              description="One a line; * stands for anything. Empty for all"
              autosize
              minRows={2}
              className={formStyles.mono}
              defaultValue={recorder.recordUrls?.join("\n") ?? ""}
            />
            <Textarea
              name="ignoreUrls"
              label="Never record these"
              description="One a line; * stands for anything"
              autosize
              minRows={2}
              className={formStyles.mono}
              defaultValue={recorder.ignoreUrls?.join("\n") ?? ""}
            />
          </div>
        </SettingsForm>
      </Section>
      <Section title="What is recorded beside the page" about="Where this says nothing, the page's own options hold.">
        <SettingsForm intent="captured">
          <div className={formStyles.pair}>
            {CAPTURED.map(({ name, ...said }) => (
              <NativeSelect key={name} name={name} {...said} data={FLAG} defaultValue={flagField(recorder[name])} />
            ))}
            <CanvasSelect value={recorder.recordCanvas} />
          </div>
        </SettingsForm>
      </Section>
      <Section
        title="Your own visits"
        about="Sessions that begin on these hosts are your own, as those of localhost and staging hosts are."
      >
        <SettingsForm intent="own">
          <Textarea
            name="hosts"
            label="Your hosts"
            description="One a line: preview.example.com, or *.example.com for subdomains"
            autosize
            minRows={2}
            className={formStyles.mono}
            defaultValue={lists.internal_hosts.join("\n")}
          />
          <Checkbox
            name="hide"
            label="Lists leave them out, once visitors of other hosts have come"
            defaultChecked={lists.hide_internal}
          />
        </SettingsForm>
      </Section>
    </>
  );
}

const CANVAS = [
  ...FLAG.map(({ value, label }) => (value === "on" ? { value, label: "One picture a second" } : { value, label })),
  { value: "4", label: "Four pictures a second" },
];

/** A number that was set by other means is among the choices, so that saving keeps it. */
function CanvasSelect({ value }: { value: boolean | number | undefined }) {
  const current = typeof value === "number" ? String(value) : flagField(value);
  const known = CANVAS.some((choice) => choice.value === current);
  return (
    <NativeSelect
      name="recordCanvas"
      label="Canvases"
      description="As pictures, which take room"
      data={known ? CANVAS : [...CANVAS, { value: current, label: `${current} pictures a second` }]}
      defaultValue={current}
    />
  );
}
