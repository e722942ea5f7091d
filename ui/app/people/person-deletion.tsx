/** Deleting what is kept of a person: first what it would take and whom else that shows, then the name, then the receipt. */
import { Alert, Button, Loader, Modal, Stack } from "@mantine/core";
import { useEffect } from "react";
import { Link, useFetcher } from "react-router";
import { CopyableId } from "../components/copyable.tsx";
import { Refused } from "../components/refused.tsx";
import { TypeToConfirm } from "../components/type-to-confirm.tsx";
import { counted } from "../format/duration.ts";
import type { action, loader } from "../routes/person-data.ts";
import { useFrame } from "../routes/project.tsx";
import { personPath } from "./address.ts";

const SESSIONS_SHOWN = 5;

interface PersonDeletionProps {
  userId: string;
  /** What they are called, and what is to be typed. */
  name: string;
  onClose: () => void;
}

/** Mounted for as long as it is open. */
export function PersonDeletion({ userId, name, onClose }: PersonDeletionProps) {
  const { projectId } = useFrame();
  const { load, data: found } = useFetcher<typeof loader>();
  const deletion = useFetcher<typeof action>();
  const address = personPath(projectId, userId, "/data");
  const receipt = deletion.data?.receipt;
  useEffect(() => void load(address), [load, address]);
  return (
    <Modal
      opened
      onClose={onClose}
      title={receipt ? "Deleted" : `Delete what is kept of “${name}”?`}
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
            {found ? (
              <>
                <Preview found={found} />
                <TypeToConfirm name={name} confirm="Delete the data" isBusy={deletion.state !== "idle"} />
              </>
            ) : (
              <Loader size="sm" role="status" aria-label="Looking what it takes" />
            )}
          </Stack>
        </deletion.Form>
      )}
    </Modal>
  );
}

function Preview({ found }: { found: Awaited<ReturnType<typeof loader>> }) {
  const { projectId } = useFrame();
  const { sessions, session_count, shared_count } = found;
  const shown = sessions.filter(({ other_users }) => other_users.length > 0).slice(0, SESSIONS_SHOWN);
  if (session_count === 0) {
    return <p>No session shows them. What was sent before and has not arrived yet is deleted as it comes.</p>;
  }
  return (
    <>
      <p>
        It takes {counted(session_count, "session")} for good, with the recordings and all that was derived from them.
        There is no undo.
      </p>
      {shared_count > 0 && (
        <Alert color="yellow" title={`${counted(shared_count, "session")} of them show others too`}>
          <ul>
            {shown.map(({ session_id, other_users }) => (
              <li key={session_id}>
                <Link to={`/projects/${projectId}/sessions/${session_id}`}>{session_id.slice(0, 8)}</Link>:{" "}
                {other_users.join(", ")}
              </li>
            ))}
            {shared_count > shown.length && <li>and {counted(shared_count - shown.length, "more", "more")}</li>}
          </ul>
        </Alert>
      )}
    </>
  );
}
