/** The buttons that make a key: a new one, or one in another's place. */
import { Button, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useFetcher } from "react-router";
import { Refused } from "../components/refused.tsx";
import { ToldOnce } from "../components/told-once.tsx";
import type { action } from "../routes/settings-keys.tsx";

const DAY_S = 86_400;
const GRACES = [
  { value: String(DAY_S), label: "1 day" },
  { value: String(7 * DAY_S), label: "7 days" },
  { value: String(30 * DAY_S), label: "30 days" },
  { value: String(90 * DAY_S), label: "90 days" },
  { value: "0", label: "not at all: it ends now" },
];

/** A key of either kind, under a name. */
export function NewKey() {
  return (
    <KeyButton label="New key" title="New key" icon={<IconPlus size={14} />} filled>
      <input type="hidden" name="intent" value="create" />
      <TextInput name="name" label="Name" description="Where it is used" maxLength={100} data-autofocus />
      <NativeSelect
        name="kind"
        label="Kind"
        data={[
          { value: "write", label: "Write: for pages that are recorded" },
          { value: "read", label: "Read: for programs that read the project" },
        ]}
      />
    </KeyButton>
  );
}

/** Another key takes its place; the old one goes on for a while. */
export function RotateKey({ keyId, name }: { keyId: string; name: string }) {
  return (
    <KeyButton label="Rotate" of={name} title={`Rotate ${name}`}>
      <input type="hidden" name="intent" value="rotate" />
      <input type="hidden" name="key_id" value={keyId} />
      <NativeSelect
        name="grace_s"
        label="The old key goes on for"
        description="Time for pages and programs to change over"
        data={GRACES}
        defaultValue={String(7 * DAY_S)}
      />
    </KeyButton>
  );
}

interface KeyButtonProps {
  label: string;
  of?: string;
  title: string;
  icon?: ReactNode;
  filled?: boolean;
  children: ReactNode;
}

/** Opens a form that makes a key, which is shown in its place. */
function KeyButton({ label, of, title, icon, filled, children }: KeyButtonProps) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button
        variant={filled ? "filled" : "default"}
        size="xs"
        leftSection={icon}
        onClick={open}
        aria-label={of ? `${label} ${of}` : undefined}
      >
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={title}>
        <MakeKey>{children}</MakeKey>
      </Modal>
    </>
  );
}

function MakeKey({ children }: { children: ReactNode }) {
  const { Form, data: told, state } = useFetcher<typeof action>();
  if (told?.made) return <ToldOnce label="The key. It is shown this once." value={told.made.key} />;
  return (
    <Form method="post">
      <Stack>
        {children}
        <Refused error={told?.error} />
        <Button type="submit" loading={state !== "idle"}>
          Make the key
        </Button>
      </Stack>
    </Form>
  );
}
