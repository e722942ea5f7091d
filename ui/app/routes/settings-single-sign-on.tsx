import { Button, Code, Group } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { data, useFetcher } from "react-router";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { CopyableId } from "../components/copyable.tsx";
import { Refused } from "../components/refused.tsx";
import { refused } from "../outcome.ts";
import { Nothing, Section } from "../settings/section.tsx";
import { Table } from "../settings/table.tsx";
import type { Route } from "./+types/settings-single-sign-on";
import styles from "./settings-single-sign-on.module.css";

export const meta: Route.MetaFunction = () => [{ title: "Single sign-on · Settings · rrHog" }];

export async function loader(args: Route.LoaderArgs) {
  const one = apiClient(args).v1.projects[":project_id"]["single-sign-on"];
  return answer(one.$get({ param: { project_id: args.params.projectId } }), args);
}

/** Asks the identity provider whether it is there. */
export async function action(args: Route.ActionArgs) {
  const { check } = apiClient(args).v1.projects[":project_id"]["single-sign-on"];
  const checked = await change(check.$post({ param: { project_id: args.params.projectId } }), args);
  return checked.ok ? data({ check: checked.body, error: null }) : refused(checked.error, checked.status);
}

export default function SingleSignOn({ loaderData }: Route.ComponentProps) {
  const { issuer, client_id, redirect_uri, email_domains } = loaderData;
  if (issuer === null || redirect_uri === null) {
    return (
      <Section
        title="Single sign-on"
        about="By OpenID Connect, for all projects of this instance. It is set where the API is started, by whoever runs it."
      >
        <Nothing>
          There is none. It takes <Code>OIDC_ISSUER</Code>, <Code>OIDC_CLIENT_ID</Code> and{" "}
          <Code>OIDC_CLIENT_SECRET</Code>: docs/settings.md says how.
        </Nothing>
      </Section>
    );
  }
  return (
    <>
      <Section
        title="Identity provider"
        about="For all projects of this instance. It is set where the API is started, by whoever runs it."
      >
        <dl className={styles.facts}>
          <dt>Issuer</dt>
          <dd>
            <CopyableId id={issuer} />
          </dd>
          <dt>Client</dt>
          <dd>
            <CopyableId id={client_id ?? ""} />
          </dd>
          <dt>Redirect address, to be allowed there</dt>
          <dd>
            <CopyableId id={redirect_uri} />
          </dd>
          <dt>Whose addresses are let in</dt>
          <dd>{email_domains.length === 0 ? "All that the provider has verified" : email_domains.join(", ")}</dd>
        </dl>
        <Checked roleClaim={loaderData.role_claim} />
      </Section>
      <Section
        title="Roles in this project"
        about="Given anew at each sign-in, and taken away where no rule gives one any more. What a person was given by an invitation or an owner stays."
      >
        <Roles roles={loaderData.roles} claim={loaderData.role_claim} />
      </Section>
    </>
  );
}

/** Asks the provider, and says what came of it. A whole sign-in is tried in a window where nobody is signed in. */
function Checked({ roleClaim }: { roleClaim: string }) {
  const { Form, data: told, state } = useFetcher<typeof action>();
  const check = told && "check" in told ? told.check : null;
  return (
    <Form method="post" className={styles.check}>
      <Group gap="sm">
        <Button type="submit" variant="default" loading={state !== "idle"}>
          Try whether it answers
        </Button>
        {check && (
          <span role="status" className={styles.said} data-ok={check.ok}>
            {check.ok ? <IconCheck size={16} aria-hidden="true" /> : <IconX size={16} aria-hidden="true" />}
            {check.ok ? "It answers as a provider" : `It does not: ${check.why}`}
            {check.tells_roles === false && `, and does not say that it tells ${roleClaim}`}
          </span>
        )}
      </Group>
      <Refused error={told?.error} />
      <p className={styles.hint}>
        To try all of it, sign in by “Single sign-on” in a private window: what is refused there says why.
      </p>
    </Form>
  );
}

function Roles({ roles, claim }: { roles: { value: string | null; role: string }[]; claim: string }) {
  return (
    <Table
      columns={[
        { title: "Who", cell: ({ value }) => <Whose claim={claim} value={value} /> },
        { title: "Role", cell: ({ role }) => role },
      ]}
      rows={roles}
      keyOf={({ value, role }) => `${value} ${role}`}
      nothing={
        <>
          None: who signs in sees this project only once they are invited. <Code>OIDC_ROLES</Code> gives roles.
        </>
      }
    />
  );
}

function Whose({ claim, value }: { claim: string; value: string | null }) {
  if (value === null) return "Everybody who signs in by it";
  return (
    <>
      Whose <code>{claim}</code> has <code>{value}</code>
    </>
  );
}
