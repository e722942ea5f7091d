/** At the list's foot while rows are selected: put them into a collection, or delete them. */
import { Button, Popover, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFolderPlus, IconTrash, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useFetcher, useRevalidator } from "react-router";
import { COLLECTION_NAME_MAX, NameForm } from "../components/name-form.tsx";
import { counted } from "../format/duration.ts";
import { mayChange, mayManage } from "../roles.ts";
import type { loader as collectionsLoader } from "../routes/collections.tsx";
import { useFrame } from "../routes/project.tsx";
import type { action as bulkAction } from "../routes/sessions-bulk.ts";
import { DeleteSessions } from "./delete-sessions.tsx";
import styles from "./selection-bar.module.css";
import type { Selection } from "./use-selection.ts";

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
  const fetcher = useFetcher<typeof bulkAction>();
  const action = `/projects/${projectId}/sessions/bulk`;
  const send = (form: Record<string, string>, selection: Selection) =>
    void fetcher.submit({ ...form, ids: idsOf(selection) }, { method: "post", action });
  const isBusy = fetcher.state !== "idle";
  return { fetcher, action, send, isBusy, outcome: isBusy ? undefined : fetcher.data };
}

/** As the form has them. */
function idsOf({ ids }: Selection): string {
  return [...ids].join(" ");
}

function Collect({ selection }: { selection: Selection }) {
  const { projectId } = useFrame();
  const [opened, setOpened] = useState(false);
  const { load, data } = useFetcher<typeof collectionsLoader>();
  const { fetcher, action, send, isBusy, outcome } = useBulk();
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
                    onClick={() => send({ intent: "collect", collection_id }, selection)}
                  >
                    {name}
                  </Button>
                </li>
              ))}
            </ul>
          )}
          <NameForm
            fetcher={fetcher}
            action={action}
            fields={{ intent: "collect-new", ids: idsOf(selection) }}
            label="Name of a new collection"
            placeholder="A new collection"
            submit="Add"
            maxLength={COLLECTION_NAME_MAX}
          />
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
      onClick={() => send({ intent: "take-out", collection_id: collection }, selection)}
    >
      {outcome?.error ?? "Take out of the collection"}
    </Button>
  );
}

function Delete({ selection, onGone }: Pick<SelectionBarProps, "selection" | "onGone">) {
  const [opened, { open, close }] = useDisclosure(false);
  const { revalidate } = useRevalidator();
  const { ids } = selection;
  const goOn = () => {
    close();
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
        onClick={open}
      >
        Delete
      </Button>
      <DeleteSessions
        ids={[...ids]}
        name={String(ids.size)}
        inputMode="numeric"
        opened={opened}
        onClose={close}
        onward={
          <Button onClick={goOn} data-autofocus>
            Back to the list
          </Button>
        }
      />
    </>
  );
}
