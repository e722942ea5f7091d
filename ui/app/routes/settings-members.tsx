import { Badge, Button, NativeSelect } from "@mantine/core";
import { data, Link, redirect, useFetcher, useSearchParams } from "react-router";
import { z } from "zod";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { Moment } from "../format/viewer.tsx";
import { incomplete, type Outcome, outcome, refused } from "../outcome.ts";
import { mayManage, rolesToGive } from "../roles.ts";
import { withSearch } from "../search.ts";
import { AskFirst } from "../settings/ask-first.tsx";
import { Invitations, InviteButton } from "../settings/invitations.tsx";
import { Section } from "../settings/section.tsx";
import { useSaid } from "../settings/settings-form.tsx";
import { Below, type Column, Table } from "../settings/table.tsx";
import type { Route } from "./+types/settings-members";
import { useFrame } from "./project.tsx";

export const meta: Route.MetaFunction = () => [{ title: "Members · Settings · rrHog" }];

const Role = z.enum(["owner", "admin", "member", "viewer"]);

/** `?cursor=` members beyond the first thousand. */
export async function loader(args: Route.LoaderArgs) {
  const one = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  const cursor = new URL(args.request.url).searchParams.get("cursor");
  const [{ members, next_cursor }, { role }] = await Promise.all([
    answer(one.members.$get({ param, query: { ...(cursor && { cursor }) } }), args),
    answer(one.$get({ param }), args),
  ]);
  const { invitations } = mayManage(role) ? await answer(one.invitations.$get({ param }), args) : { invitations: [] };
  const listed = invitations.filter(({ state }) => state === "pending" || state === "expired");
  return { members, next_cursor, invitations: listed };
}

type Loaded = Awaited<ReturnType<typeof loader>>;
type Member = Loaded["members"][number];
export type Invitation = Loaded["invitations"][number];

const Asked = z.discriminatedUnion("intent", [
  z.object({
    intent: z.literal("invite"),
    email: z.string().trim(),
    role: Role,
    expires_in_h: z.coerce.number(),
  }),
  z.object({ intent: z.literal("revoke"), invitation_id: z.string() }),
  z.object({ intent: z.literal("role"), member_id: z.string(), role: Role }),
  z.object({ intent: z.literal("remove"), member_id: z.string() }),
  z.object({ intent: z.literal("leave"), member_id: z.string() }),
]);

/** Who belongs to the project, and who may come to. An invitation's link is in the answer, and nowhere else again. */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return incomplete();
  const { members, invitations } = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  const form = asked.data;
  switch (form.intent) {
    case "invite": {
      const { email, role, expires_in_h } = form;
      const made = await change(invitations.$post({ param, json: { email, role, expires_in_h } }), args);
      if (!made.ok) return refused(made.error, made.status);
      return data({ made: { email: made.body.email, url: made.body.url }, done: null, error: null });
    }
    case "revoke": {
      const one = invitations[":invitation_id"];
      const revoked = change(one.$delete({ param: { ...param, invitation_id: form.invitation_id } }), args);
      return outcome(await revoked, "Invitation revoked");
    }
    case "role": {
      const { member_id, role } = form;
      const changed = await change(
        members[":member_id"].$patch({ param: { ...param, member_id }, json: { role } }),
        args,
      );
      return outcome(changed, changed.ok ? `${changed.body.email} is ${role} now` : "");
    }
    default: {
      const removed = await change(
        members[":member_id"].$delete({ param: { ...param, member_id: form.member_id } }),
        args,
      );
      if (removed.ok && form.intent === "leave") throw redirect("/");
      return outcome(removed, removed.ok ? `${removed.body.email} is out of the project` : "");
    }
  }
}

export default function Members({ loaderData }: Route.ComponentProps) {
  const { role } = useFrame();
  const [search] = useSearchParams();
  const { members, next_cursor, invitations } = loaderData;
  return (
    <>
      <Section
        title="Members"
        about="Viewers watch. Members also share, take notes and ask in SQL. Admins change settings and delete. Owners also make owners."
      >
        {mayManage(role) && <InviteButton />}
        <Table
          columns={COLUMNS}
          rows={members}
          keyOf={({ id }) => id}
          actions={(member) => <MemberActions member={member} />}
        />
        {next_cursor && (
          <Button component={Link} to={withSearch(search, { cursor: next_cursor })} size="xs" variant="default">
            More members
          </Button>
        )}
      </Section>
      {mayManage(role) && <Invitations invitations={invitations} />}
    </>
  );
}

const COLUMNS: Column<Member>[] = [
  { title: "Who", cell: (member) => <Who member={member} /> },
  { title: "Since", isMinor: true, cell: ({ joined_at }) => <Moment at={joined_at} /> },
  { title: "Role", cell: (member) => <MemberRole member={member} /> },
];

function Who({ member: { id, name, email } }: { member: Member }) {
  const { person } = useFrame();
  return (
    <>
      {name || email}
      <Below>
        {email}
        {id === person?.id && " · you"}
      </Below>
    </>
  );
}

function MemberRole({ member }: { member: Member }) {
  if (useMayChange(member) && !member.by_sso) return <RoleSelect member={member} />;
  return (
    <Badge variant="default" size="sm" tt="none" title={member.by_sso ? "Given by single sign-on" : undefined}>
      {member.role}
      {member.by_sso && " · SSO"}
    </Badge>
  );
}

/** Owners are changed by owners. */
function useMayChange(member: Member): boolean {
  const { role } = useFrame();
  return mayManage(role) && (role === "owner" || member.role !== "owner");
}

function MemberActions({ member }: { member: Member }) {
  const { person } = useFrame();
  const mayChange = useMayChange(member);
  if (member.id === person?.id) {
    return (
      <AskFirst
        label="Leave"
        title="Leave this project?"
        confirm="Leave the project"
        fields={{ intent: "leave", member_id: member.id }}
      >
        You see nothing of it from then on. An owner or admin can invite you again.
      </AskFirst>
    );
  }
  return (
    mayChange && (
      <AskFirst
        label="Remove"
        of={member.email}
        title={`Remove ${member.email}?`}
        confirm="Remove them"
        fields={{ intent: "remove", member_id: member.id }}
      >
        They see nothing of this project from their next click on. What they shared and noted stays.
      </AskFirst>
    )
  );
}

/** Changes the role as soon as another is chosen. */
function RoleSelect({ member }: { member: Member }) {
  const { role } = useFrame();
  const { data: told, state, submit, formData } = useFetcher<Outcome>();
  useSaid(told);
  return (
    <NativeSelect
      aria-label={`Role of ${member.email}`}
      size="xs"
      data={rolesToGive(role)}
      value={String(formData?.get("role") ?? member.role)}
      disabled={state !== "idle"}
      error={told?.error}
      onChange={({ currentTarget }) =>
        void submit({ intent: "role", member_id: member.id, role: currentTarget.value }, { method: "post" })
      }
    />
  );
}
