/** Deletes sessions for good, once what they are called is typed; then shows what proves it: a receipt each. */
import { Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useFetcher } from "react-router";
import { CopyableId } from "../components/copyable.tsx";
import { Refused } from "../components/refused.tsx";
import { TypeToConfirm } from "../components/type-to-confirm.tsx";
import { counted } from "../format/duration.ts";
import { useFrame } from "../routes/project.tsx";
import type { action } from "../routes/sessions-bulk.ts";
import styles from "./delete-sessions.module.css";

const RECEIPTS_SHOWN = 5;

interface DeleteSessionsProps {
  ids: readonly string[];
  /** What is to be typed. */
  name: string;
  /** The keyboard that a phone shows for it. */
  inputMode?: "numeric";
  opened: boolean;
  /** They were left alone. */
  onClose: () => void;
  /** The way on, once they are gone. */
  onward: ReactNode;
}

export function DeleteSessions({ ids, name, inputMode, opened, onClose, onward }: DeleteSessionsProps) {
  const { projectId } = useFrame();
  const { Form, data, state } = useFetcher<typeof action>();
  const words = counted(ids.length, "session");
  const receipts = data?.done ? data.receipts : null;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={receipts ? `${words} deleted` : `Delete ${words}?`}
      withCloseButton={!receipts}
      closeOnClickOutside={!receipts}
      closeOnEscape={!receipts}
    >
      {receipts ? (
        <Stack>
          <p>Gone from every list now; the rows are being taken away. The proof of it:</p>
          <Receipts ids={receipts} />
          {onward}
        </Stack>
      ) : (
        <Form method="post" action={`/projects/${projectId}/sessions/bulk`}>
          <input type="hidden" name="intent" value="delete" />
          <input type="hidden" name="ids" value={ids.join(" ")} />
          <Stack>
            <Refused error={data?.error} />
            <p>
              The recording and all that was derived from it go for good, and no late copy brings it back. There is no
              undo.
            </p>
            <TypeToConfirm name={name} confirm={`Delete ${words}`} isBusy={state !== "idle"} inputMode={inputMode} />
          </Stack>
        </Form>
      )}
    </Modal>
  );
}

function Receipts({ ids }: { ids: readonly string[] }) {
  return (
    <ul className={styles.receipts}>
      {ids.slice(0, RECEIPTS_SHOWN).map((id) => (
        <li key={id}>
          <CopyableId id={id} />
        </li>
      ))}
      {ids.length > RECEIPTS_SHOWN && <li>and {counted(ids.length - RECEIPTS_SHOWN, "other")}</li>}
    </ul>
  );
}
