/** Who may come to a project: links that were handed out, and a new one. */
import { Button, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserPlus } from "@tabler/icons-react";
import { useFetcher } from "react-router";
import { Refused } from "../components/refused.tsx";
import { ToldOnce } from "../components/told-once.tsx";
import { Moment } from "../format/viewer.tsx";
import { rolesToGive } from "../roles.ts";
import { useFrame } from "../routes/project.tsx";
import type { action, Invitation } from "../routes/settings-members.tsx";
import { AskFirst } from "./ask-first.tsx";
import { Section } from "./section.tsx";
import { Below, type Column, Table } from "./table.tsx";

const COLUMNS: Column<Invitation>[] = [
  { title: "For", cell: ({ email }) => email },
  { title: "Role", cell: ({ role }) => role },
  {
    title: "Made",
    isMinor: true,
    cell: ({ created_at, created_by }) => (
      <>
        <Moment at={created_at} />
        {created_by && <Below>{created_by}</Below>}
      </>
    ),
  },
  {
    title: "Until",
    cell: (invitation) => (
      <>
        {isExpired(invitation) && "Expired "}
        <Moment at={invitation.expires_at} full />
      </>
    ),
  },
];

function isExpired({ state }: Invitation): boolean {
  return state === "expired";
}

export function Invitations({ invitations }: { invitations: Invitation[] }) {
  return (
    <Section
      title="Invitations"
      about="Links that were handed out and not used. Each works once, for its address alone."
    >
      <Table
        columns={COLUMNS}
        rows={invitations}
        keyOf={({ id }) => id}
        nothing="No invitation is open."
        isOver={isExpired}
        actions={(invitation) => !isExpired(invitation) && <Revoke invitation={invitation} />}
      />
    </Section>
  );
}

function Revoke({ invitation: { id, email } }: { invitation: Invitation }) {
  return (
    <AskFirst
      label="Revoke"
      of={`the invitation of ${email}`}
      title={`Revoke the invitation of ${email}?`}
      confirm="Revoke the invitation"
      fields={{ intent: "revoke", invitation_id: id }}
    >
      Its link opens nothing from now on.
    </AskFirst>
  );
}

export function InviteButton() {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button size="xs" leftSection={<IconUserPlus size={14} />} onClick={open}>
        Invite somebody
      </Button>
      <Modal opened={opened} onClose={close} title="Invite somebody">
        <InviteForm />
      </Modal>
    </>
  );
}

const DAY_H = 24;
const EXPIRIES = [
  { value: String(DAY_H), label: "1 day" },
  { value: String(7 * DAY_H), label: "7 days" },
  { value: String(30 * DAY_H), label: "30 days" },
];

function InviteForm() {
  const { role } = useFrame();
  const { Form, data: told, state } = useFetcher<typeof action>();
  if (told?.made) {
    return <ToldOnce label={`Hand this link to ${told.made.email}. It is shown this once.`} value={told.made.url} />;
  }
  return (
    <Form method="post">
      <input type="hidden" name="intent" value="invite" />
      <Stack>
        <TextInput name="email" type="email" label="E-mail" required data-autofocus />
        <NativeSelect name="role" label="Role" data={rolesToGive(role)} defaultValue="member" />
        <NativeSelect name="expires_in_h" label="The link works for" data={EXPIRIES} defaultValue={String(7 * DAY_H)} />
        <Refused error={told?.error} />
        <Button type="submit" loading={state !== "idle"}>
          Make the link
        </Button>
      </Stack>
    </Form>
  );
}
