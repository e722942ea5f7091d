import { TextInput } from "@mantine/core";
import { z } from "zod";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { bytesInWords } from "../format/bytes.ts";
import { counted } from "../format/duration.ts";
import { fullMoment } from "../format/moment.ts";
import { incomplete, outcome } from "../outcome.ts";
import { inUnit, numberOrNull } from "../settings/fields.ts";
import formStyles from "../settings/form.module.css";
import { RetentionField } from "../settings/retention-field.tsx";
import { Section } from "../settings/section.tsx";
import { SettingsForm } from "../settings/settings-form.tsx";
import { UseBar } from "../settings/use-bar.tsx";
import type { Route } from "./+types/settings-limits";

const KILOBYTE = 1e3;
const GIGABYTE = 1e9;

export const meta: Route.MetaFunction = () => [{ title: "Limits · Settings · rrHog" }];

export async function loader(args: Route.LoaderArgs) {
  const one = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  const [settings, usage] = await Promise.all([
    answer(one.settings.$get({ param }), args),
    answer(one.usage.$get({ param }), args),
  ]);
  return { limits: settings.limits, usage };
}

const Asked = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("quotas"), sessions: z.string(), gigabytes: z.string() }),
  z.object({ intent: z.literal("rates"), requests: z.string(), kilobytes: z.string() }),
  z.object({ intent: z.literal("retention"), days: z.coerce.number() }),
]);

export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return incomplete();
  const { settings } = apiClient(args).v1.projects[":project_id"];
  const limits = limitsOf(asked.data);
  const changed = change(settings.$patch({ param: { project_id: args.params.projectId }, json: { limits } }), args);
  return outcome(await changed, "Limits saved");
}

function limitsOf(form: z.infer<typeof Asked>) {
  switch (form.intent) {
    case "quotas":
      return {
        quota_sessions_per_month: numberOrNull(form.sessions),
        quota_bytes_per_month: rounded(numberOrNull(form.gigabytes, GIGABYTE)),
      };
    case "rates":
      return {
        requests_per_second: numberOrNull(form.requests),
        bytes_per_second: numberOrNull(form.kilobytes, KILOBYTE),
      };
    case "retention":
      return { retention_days: form.days };
  }
}

const rounded = (value: number | null) => (value === null ? null : Math.round(value));

export default function Limits({ loaderData }: Route.ComponentProps) {
  const { limits, usage } = loaderData;
  // The month is UTC's, wherever one looks from.
  const until = fullMoment(new Date(usage.to), "UTC");
  return (
    <>
      <Section
        title="Use of this month"
        about={`Where a quota is used up, new sessions are refused until ${until} UTC. Those that have begun are recorded to their end.`}
      >
        <UseBar label="Sessions" {...usage.sessions} write={(count) => counted(count, "session")} />
        <UseBar label="Events" {...usage.bytes} write={bytesInWords} />
        <SettingsForm intent="quotas">
          <div className={formStyles.pair}>
            <TextInput
              name="sessions"
              type="number"
              min={0}
              label="Sessions a month"
              description="Empty for no quota"
              defaultValue={inUnit(limits.quota_sessions_per_month)}
            />
            <TextInput
              name="gigabytes"
              type="number"
              min={0}
              step="any"
              label="Gigabytes of events a month"
              description="Before compression. Empty for no quota"
              defaultValue={inUnit(limits.quota_bytes_per_month, GIGABYTE)}
            />
          </div>
        </SettingsForm>
      </Section>
      <Section
        title="At once"
        about="What comes faster is answered with 429, and recorders send it again: nothing is lost. It reaches the edge within half a minute."
      >
        <SettingsForm intent="rates">
          <div className={formStyles.pair}>
            <TextInput
              name="requests"
              type="number"
              min={0}
              step="any"
              label="Requests a second"
              description="Empty for the edge's default"
              defaultValue={inUnit(limits.requests_per_second)}
            />
            <TextInput
              name="kilobytes"
              type="number"
              min={0}
              step="any"
              label="Kilobytes a second"
              description="Empty for the edge's default"
              defaultValue={inUnit(limits.bytes_per_second, KILOBYTE)}
            />
          </div>
        </SettingsForm>
      </Section>
      <Section
        title="Retention"
        about="What is older is gone from every read at once, and from the tables within a day. A longer retention does not bring it back."
      >
        <SettingsForm intent="retention">
          <RetentionField current={limits.retention_days} />
        </SettingsForm>
      </Section>
    </>
  );
}
