/** At the list's foot while rows are selected: put them into a collection, or delete them. */
import { Button, Modal, Popover, Stack, TextInput } from "@mantine/core";
import { IconFolderPlus, IconTrash, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useFetcher, useRevalidator } from "react-router";
import { CopyableId } from "../components/copyable.tsx";
import { Refused } from "../components/refused.tsx";
import { TypeToConfirm } from "../components/type-to-confirm.tsx";
import { counted } from "../format/duration.ts";
import { mayChange, mayManage } from "../roles.ts";
import type { loader as collectionsLoader } from "../routes/collections.tsx";
import { useFrame } from "../routes/project.tsx";
import type { action } from "../routes/sessions-bulk.ts";
import styles from "./selection-bar.module.css";
import type { Selection } from "./use-selection.ts";

const RECEIPTS_SHOWN = 5;

interface SelectionBarProps {
  selection: Selection;
  /** The collection that the list is of. */
  collection: string | null;
  /** The sessions are gone from the list. */
  onGone: () => void;
}

export default function SelectionBar({ selection, collection, onGone }: SelectionBarProps) {
  const { role } = useFrame();
  const words = counted(selection.ids.size, "session");
  return (
    <section className={styles.bar} aria-label="Selected sessions">
      <span role="status" className={styles.count}>
        {words} selected
      </span>
      {mayChange(role) && <Collect selection={selection} />}
      {mayChange(role) && collection && <TakeOut selection={selection} collection={collection} onGone={onGone} />}
      {mayManage(role) && <Delete selection={selection} onGone={onGone} />}
      <Button
        size="xs"
        variant="subtle"
        color="gray"
        leftSection={<IconX size={14} aria-hidden="true" />}
        onClick={selection.clear}
      >
        Clear
      </Button>
    </section>
  );
}

function useBulk() {
  const { projectId } = useFrame();
  const fetcher = useFetcher<typeof action>();
  const send = (form: Record<string, string>, ids: ReadonlySet<string>) =>
    void fetcher.submit(
      { ...form, ids: [...ids].join(" ") },
      { method: "post", action: `/projects/${projectId}/sessions/bulk` },
    );
  return { send, isBusy: fetcher.state !== "idle", outcome: fetcher.state === "idle" ? fetcher.data : undefined };
}

function Collect({ selection }: { selection: Selection }) {
  const { projectId } = useFrame();
  const [opened, setOpened] = useState(false);
  const [name, setName] = useState("");
  const { load, data } = useFetcher<typeof collectionsLoader>();
  const { send, isBusy, outcome } = useBulk();
  useEffect(() => {
    if (opened) void load(`/projects/${projectId}/collections`);
  }, [opened, load, projectId]);
  useEffect(() => {
    if (outcome?.done) setOpened(false);
  }, [outcome]);
  const known = data?.collections ?? [];
  return (
    <Popover opened={opened} onChange={setOpened} width={280} position="top-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconFolderPlus size={14} aria-hidden="true" />}
          onClick={() => setOpened(!opened)}
        >
          {outcome?.done && !opened ? "Added" : "Add to a collection"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Add to a collection">
        <Stack gap="xs">
          <Refused error={outcome?.error} />
          {known.length > 0 && (
            <ul className={styles.collections}>
              {known.map(({ collection_id, name }) => (
                <li key={collection_id}>
                  <Button
                    fullWidth
                    justify="flex-start"
                    size="xs"
                    variant="subtle"
                    color="gray"
                    disabled={isBusy}
                    onClick={() => send({ intent: "collect", collection_id }, selection.ids)}
                  >
                    {name}
                  </Button>
                </li>
              ))}
            </ul>
          )}
          <form
            className={styles.make}
            onSubmit={(event) => {
              event.preventDefault();
              send({ intent: "collect-new", name }, selection.ids);
            }}
          >
            <TextInput
              size="xs"
              placeholder="A new collection"
              aria-label="Name of a new collection"
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
              maxLength={200}
              required
              autoComplete="off"
            />
            <Button type="submit" size="xs" loading={isBusy}>
              Add
            </Button>
          </form>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function TakeOut({ selection, collection, onGone }: SelectionBarProps & { collection: string }) {
  const { send, isBusy, outcome } = useBulk();
  useEffect(() => {
    if (outcome?.done) onGone();
  }, [outcome, onGone]);
  return (
    <Button
      size="xs"
      variant="default"
      loading={isBusy}
      onClick={() => send({ intent: "take-out", collection_id: collection }, selection.ids)}
    >
      {outcome?.error ?? "Take out of the collection"}
    </Button>
  );
}

function Delete({ selection, onGone }: Pick<SelectionBarProps, "selection" | "onGone">) {
  const [opened, setOpened] = useState(false);
  const { send, isBusy, outcome } = useBulk();
  const { revalidate } = useRevalidator();
  const count = selection.ids.size;
  const isDone = outcome?.done === "deleted";
  const close = () => {
    setOpened(false);
    if (!isDone) return;
    void revalidate();
    onGone();
  };
  return (
    <>
      <Button
        size="xs"
        variant="default"
        className={styles.delete}
        leftSection={<IconTrash size={14} aria-hidden="true" />}
        onClick={() => setOpened(true)}
      >
        Delete
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={
          isDone ? `${counted(outcome.receipts.length, "session")} deleted` : `Delete ${counted(count, "session")}?`
        }
      >
        {isDone ? (
          <Receipts ids={outcome.receipts} close={close} />
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              send({ intent: "delete" }, selection.ids);
            }}
          >
            <Stack>
              <Refused error={outcome?.error} />
              <p>
                The recordings and all that was derived from them go for good, and no late copy brings them back. There
                is no undo.
              </p>
              <TypeToConfirm
                name={String(count)}
                confirm={`Delete ${counted(count, "session")}`}
                isBusy={isBusy}
                inputMode="numeric"
              />
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}

/** What proves it: a receipt each. */
function Receipts({ ids, close }: { ids: string[]; close: () => void }) {
  return (
    <Stack>
      <p>They are gone from every list now; their rows are being taken away. The receipts:</p>
      <ul className={styles.receipts}>
        {ids.slice(0, RECEIPTS_SHOWN).map((id) => (
          <li key={id}>
            <CopyableId id={id} />
          </li>
        ))}
        {ids.length > RECEIPTS_SHOWN && <li>and {counted(ids.length - RECEIPTS_SHOWN, "other")}</li>}
      </ul>
      <Button onClick={close} data-autofocus>
        Back to the list
      </Button>
    </Stack>
  );
}
