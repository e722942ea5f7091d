import { Badge, NativeSelect } from "@mantine/core";
import { data, redirect, useFetcher } from "react-router";
import { z } from "zod";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { Moment } from "../format/viewer.tsx";
import { mayManage, rolesToGive } from "../roles.ts";
import { AskFirst } from "../settings/ask-first.tsx";
import { Invitations, InviteButton } from "../settings/invitations.tsx";
import { type Outcome, outcome, refused } from "../settings/outcome.ts";
import { Section } from "../settings/section.tsx";
import { useSaid } from "../settings/settings-form.tsx";
import table from "../settings/table.module.css";
import type { Route } from "./+types/settings-members";
import { useFrame } from "./project.tsx";

export const meta: Route.MetaFunction = () => [{ title: "Members · Settings · rrHog" }];

const Role = z.enum(["owner", "admin", "member", "viewer"]);

export async function loader(args: Route.LoaderArgs) {
  const one = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  const [{ members }, { role }] = await Promise.all([
    answer(one.members.$get({ param }), args),
    answer(one.$get({ param }), args),
  ]);
  const { invitations } = mayManage(role) ? await answer(one.invitations.$get({ param }), args) : { invitations: [] };
  return { members, invitations: invitations.filter(({ state }) => state === "pending" || state === "expired") };
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
  if (!asked.success) return refused("The form is incomplete");
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
  const { members, invitations } = loaderData;
  return (
    <>
      <Section
        title="Members"
        about="Viewers watch. Members also share, take notes and ask in SQL. Admins change settings and delete. Owners also make owners."
      >
        {mayManage(role) && <InviteButton />}
        <table className={table.table}>
          <thead>
            <tr>
              <th>Who</th>
              <th className={table.minor}>Since</th>
              <th>Role</th>
              <th>
                <span className="rr-hidden">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {members.map((member) => (
              <MemberRow key={member.id} member={member} />
            ))}
          </tbody>
        </table>
      </Section>
      {mayManage(role) && <Invitations invitations={invitations} />}
    </>
  );
}

function MemberRow({ member }: { member: Member }) {
  const { role, person } = useFrame();
  const isSelf = member.id === person?.id;
  const isChangeable = mayManage(role) && (role === "owner" || member.role !== "owner");
  return (
    <tr>
      <td>
        {member.name || member.email}
        <span className={table.sub}>
          {member.email}
          {isSelf && " · you"}
        </span>
      </td>
      <td className={table.minor}>
        <Moment at={member.joined_at} />
      </td>
      <td>
        {isChangeable && !member.by_sso ? (
          <RoleSelect member={member} />
        ) : (
          <Badge variant="default" size="sm" tt="none" title={member.by_sso ? "Given by single sign-on" : undefined}>
            {member.role}
            {member.by_sso && " · SSO"}
          </Badge>
        )}
      </td>
      <td>
        <div className={table.actions}>
          {isSelf ? (
            <AskFirst
              label="Leave"
              title="Leave this project?"
              confirm="Leave the project"
              fields={{ intent: "leave", member_id: member.id }}
            >
              You see nothing of it from then on. An owner or admin can invite you again.
            </AskFirst>
          ) : (
            isChangeable && (
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
          )}
        </div>
      </td>
    </tr>
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
