/** Deletes the session for good, once its name is typed; then shows the receipt. */
import { Button, Modal, Stack } from "@mantine/core";
import { Link, useFetcher } from "react-router";
import { CopyableId } from "../components/copyable.tsx";
import { Refused } from "../components/refused.tsx";
import { TypeToConfirm } from "../components/type-to-confirm.tsx";
import { useFrame } from "../routes/project.tsx";
import type { action } from "../routes/sessions-bulk.ts";

interface DeleteSessionProps {
  sessionId: string;
  /** Of whose session it is. */
  name: string;
  /** Where to go when it is gone. */
  list: { pathname: string; search: string };
  opened: boolean;
  onClose: () => void;
}

export function DeleteSession({ sessionId, name, list, opened, onClose }: DeleteSessionProps) {
  const { projectId } = useFrame();
  const { Form, data, state } = useFetcher<typeof action>();
  const receipt = data?.receipts[0];
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={receipt ? "Deleted" : "Delete this session?"}
      withCloseButton={!receipt}
      closeOnClickOutside={!receipt}
      closeOnEscape={!receipt}
    >
      {receipt ? (
        <Stack>
          <p>It is gone from every list now; its rows are being taken away. The receipt:</p>
          <CopyableId id={receipt} />
          <Button component={Link} to={list} data-autofocus>
            To the sessions
          </Button>
        </Stack>
      ) : (
        <Form method="post" action={`/projects/${projectId}/sessions/bulk`}>
          <input type="hidden" name="intent" value="delete" />
          <input type="hidden" name="ids" value={sessionId} />
          <Stack>
            <Refused error={data?.error} />
            <p>
              The recording and all that was derived from it go for good, and no late copy brings it back. There is no
              undo.
            </p>
            <TypeToConfirm name={name} confirm="Delete the session" isBusy={state !== "idle"} />
          </Stack>
        </Form>
      )}
    </Modal>
  );
}
