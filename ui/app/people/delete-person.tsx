/** "Delete this person's data": first what it would take and whom else that shows, then the name, then the receipt. */
import { Alert, Button, Loader, Modal, Stack, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useFetcher } from "react-router";
import { CopyableId } from "../components/copyable.tsx";
import { Refused } from "../components/refused.tsx";
import { counted } from "../format/duration.ts";
import type { action, loader } from "../routes/person-data.ts";
import { useFrame } from "../routes/project.tsx";

const SESSIONS_SHOWN = 5;

export function DeletePerson({ userId, name }: { userId: string; name: string }) {
  const { projectId } = useFrame();
  const [opened, setOpened] = useState(false);
  const preview = useFetcher<typeof loader>();
  const deletion = useFetcher<typeof action>();
  const address = `/projects/${projectId}/people/${encodeURIComponent(userId)}/data`;
  const receipt = deletion.data?.receipt;
  const open = () => {
    setOpened(true);
    void preview.load(address);
  };
  return (
    <>
      <Button
        size="xs"
        variant="default"
        c="var(--rr-error)"
        leftSection={<IconTrash size={14} aria-hidden="true" />}
        onClick={open}
      >
        Delete data
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={receipt ? "Deleted" : "Delete this person’s data?"}
        closeOnClickOutside={!receipt}
        withCloseButton={!receipt}
        closeOnEscape={!receipt}
      >
        {receipt ? (
          <Stack>
            <p>
              {counted(receipt.sessions, "session")} gone from every list now; their rows are being taken away. Late
              batches of this person from before are refused. The receipt:
            </p>
            <CopyableId id={receipt.id} />
            <Button component={Link} to={`/projects/${projectId}/people`} data-autofocus>
              To the people
            </Button>
          </Stack>
        ) : (
          <deletion.Form method="post" action={address}>
            <Stack>
              <Refused error={deletion.data?.error} />
              {preview.data ? (
                <Preview sessions={preview.data.sessions} />
              ) : (
                <Loader size="sm" aria-label="Looking what it takes" />
              )}
              {preview.data && <Confirmation name={name} isBusy={deletion.state !== "idle"} />}
            </Stack>
          </deletion.Form>
        )}
      </Modal>
    </>
  );
}

function Preview({ sessions }: { sessions: { session_id: string; other_users: string[] }[] }) {
  const { projectId } = useFrame();
  const shared = sessions.filter(({ other_users }) => other_users.length > 0);
  return (
    <>
      <p>
        It takes {counted(sessions.length, "session")} for good, with the recordings and all that was derived from them.
        There is no undo.
      </p>
      {shared.length > 0 && (
        <Alert color="yellow" title={`${counted(shared.length, "session")} of them show others too`}>
          <ul>
            {shared.slice(0, SESSIONS_SHOWN).map(({ session_id, other_users }) => (
              <li key={session_id}>
                <Link to={`/projects/${projectId}/sessions/${session_id}`}>{session_id.slice(0, 8)}</Link>:{" "}
                {other_users.join(", ")}
              </li>
            ))}
            {shared.length > SESSIONS_SHOWN && <li>and {counted(shared.length - SESSIONS_SHOWN, "more", "more")}</li>}
          </ul>
        </Alert>
      )}
    </>
  );
}

function Confirmation({ name, isBusy }: { name: string; isBusy: boolean }) {
  const [typed, setTyped] = useState("");
  return (
    <>
      <TextInput
        label={`Type ${name} to confirm`}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        autoComplete="off"
      />
      <Button type="submit" color="red" disabled={typed.trim() !== name.trim()} loading={isBusy}>
        Delete the data
      </Button>
    </>
  );
}
