/** What people wrote at moments of the session, and a place to write at the moment that is shown. */
import { ActionIcon, Button, Group, Textarea, Tooltip, UnstyledButton } from "@mantine/core";
import { IconLink, IconPencil, IconTrash } from "@tabler/icons-react";
import { type RefObject, useEffect, useState } from "react";
import { useFetcher, useLocation } from "react-router";
import { Copy } from "../components/copyable.tsx";
import { Refused } from "../components/refused.tsx";
import { clock } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import { mayChange, mayManage } from "../roles.ts";
import { useFrame } from "../routes/project.tsx";
import type { SessionNote } from "../routes/session.tsx";
import type { action } from "../routes/session-notes.ts";
import { EmptyPanel, PanelNotLoaded } from "./empty-panel.tsx";
import styles from "./notes-panel.module.css";
import type { SessionPlayer } from "./player.ts";
import { addressOfMoment } from "./player-moves.ts";
import { useCurrentIndex, usePlayerTime } from "./use-player-state.ts";

interface NotesPanelProps {
  /** In the order of the session's time; null where they could not be had. */
  notes: readonly SessionNote[] | null;
  player: SessionPlayer | null;
  /** Who looks: of their own notes they may change the words. */
  personId: string | null;
  input: RefObject<HTMLTextAreaElement | null>;
}

export function NotesPanel({ notes, player, personId, input }: NotesPanelProps) {
  const { role } = useFrame();
  const current = useCurrentIndex(player, notes ?? []);
  if (notes === null) return <PanelNotLoaded what="The notes" />;
  return (
    <div className={styles.panel}>
      {mayChange(role) && <NewNote player={player} input={input} />}
      {notes.length === 0 ? (
        <EmptyPanel
          title="No notes yet"
          words={`A note stays with its moment, for everyone in the project.${mayChange(role) ? " N pauses and begins one." : ""}`}
        />
      ) : (
        <ol className={styles.notes} aria-label="Notes">
          {notes.map((note, i) => (
            <Note
              key={note.note_id}
              note={note}
              player={player}
              isCurrent={i === current}
              isChangeable={mayManage(role) || (mayChange(role) && personId !== null && note.author?.id === personId)}
            />
          ))}
        </ol>
      )}
    </div>
  );
}

function NewNote({ player, input }: Pick<NotesPanelProps, "player" | "input">) {
  const { fetcher, action: to } = useNotes();
  const timeMs = usePlayerTime(player, 1_000);
  const [text, setText] = useState("");
  useEffect(() => {
    if (fetcher.data?.done) setText("");
  }, [fetcher.data]);
  const isBusy = fetcher.state !== "idle";
  return (
    <fetcher.Form method="post" action={to} className={styles.write}>
      <input type="hidden" name="intent" value="write" />
      <input type="hidden" name="at_ms" value={Math.max(0, Math.floor(timeMs))} />
      <Refused error={fetcher.data?.error} />
      <Textarea
        ref={input}
        name="text"
        aria-label="A note at this moment"
        placeholder="What is to be seen here?"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onFocus={() => player?.pause()}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) event.currentTarget.form?.requestSubmit();
        }}
      />
      <Button type="submit" size="xs" loading={isBusy} disabled={text.trim() === ""}>
        Add at {clock(timeMs)}
      </Button>
    </fetcher.Form>
  );
}

interface NoteProps {
  note: SessionNote;
  player: SessionPlayer | null;
  isCurrent: boolean;
  isChangeable: boolean;
}

function Note({ note, player, isCurrent, isChangeable }: NoteProps) {
  const { pathname } = useLocation();
  const { fetcher, action: to } = useNotes();
  const [editing, setEditing] = useState(false);
  useEffect(() => {
    if (fetcher.data?.done === "edit") setEditing(false);
  }, [fetcher.data]);
  // One that is being deleted is gone already; where that is refused it comes back.
  if (fetcher.formData?.get("intent") === "delete") return null;
  return (
    <li className={styles.note} aria-current={isCurrent ? "true" : undefined}>
      <fetcher.Form method="post" action={to} className={styles.form}>
        <input type="hidden" name="note_id" value={note.note_id} />
        <div className={styles.head}>
          <UnstyledButton className={styles.time} onClick={() => void player?.seek(note.at_ms)}>
            {clock(note.at_ms)}
          </UnstyledButton>
          <span className={styles.author}>{note.author?.name ?? "somebody who has left"}</span>
          <Moment at={note.edited_at ?? note.created_at} className={styles.when} />
          <span className={styles.tools}>
            <Copy value={addressOfMoment(pathname, note.at_ms)} label="Copy a link to this moment" icon={IconLink} />
            {isChangeable && !editing && (
              <>
                <Tooltip label="Edit">
                  <ActionIcon variant="subtle" color="gray" aria-label="Edit the note" onClick={() => setEditing(true)}>
                    <IconPencil size={15} />
                  </ActionIcon>
                </Tooltip>
                <Tooltip label="Delete">
                  <ActionIcon
                    type="submit"
                    name="intent"
                    value="delete"
                    variant="subtle"
                    color="gray"
                    aria-label="Delete the note"
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                </Tooltip>
              </>
            )}
          </span>
        </div>
        <Refused error={fetcher.data?.error} />
        {editing ? (
          <>
            <Textarea name="text" aria-label="The note" defaultValue={note.text} autosize maxLength={4_000} autoFocus />
            <Group gap="xs" mt="xs">
              <Button type="submit" name="intent" value="edit" size="xs" loading={fetcher.state !== "idle"}>
                Save
              </Button>
              <Button size="xs" variant="default" onClick={() => setEditing(false)}>
                Cancel
              </Button>
            </Group>
          </>
        ) : (
          <p className={styles.text}>{note.text}</p>
        )}
      </fetcher.Form>
    </li>
  );
}

/** The page's loader runs again after each of these, so that the list is what is stored. */
function useNotes() {
  const { pathname } = useLocation();
  return { fetcher: useFetcher<typeof action>(), action: `${pathname}/notes` };
}
