/** Batches that could not be loaded: what they are, what is in them, and what becomes of them. */
import { Badge, Button, Code, Loader, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useEffect } from "react";
import { Link, useFetcher, useSearchParams } from "react-router";
import { bytesInWords } from "../format/bytes.ts";
import { counted } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import type { loader as letterLoader } from "../routes/dead-letter.ts";
import { useFrame } from "../routes/project.tsx";
import type { loader } from "../routes/settings-data.tsx";
import { withSearch } from "../search.ts";
import { AskFirst } from "./ask-first.tsx";
import styles from "./dead-letters.module.css";
import { Nothing } from "./section.tsx";
import { Below, type Column, Table } from "./table.tsx";

type Page = Awaited<ReturnType<typeof loader>>["letters"];
type Letter = Page["dead_letters"][number];

export function DeadLetters({ page }: { page: Page }) {
  const { projectId } = useFrame();
  const [search] = useSearchParams();
  const reason = search.get("reason");
  const letters = page.dead_letters;
  if (letters.length === 0 && reason === null && !search.has("cursor")) {
    return <Nothing>There is none: every batch could be loaded.</Nothing>;
  }
  const which = reason === null ? "all" : `all of “${reason}”`;
  const fields: Record<string, string> = reason === null ? {} : { reason };
  return (
    <>
      <div className={styles.bar}>
        {reason !== null && (
          <Link to="." className={styles.filter}>
            {reason} ×
          </Link>
        )}
        <AskFirst
          label={`Drive ${which} again`}
          title={`Drive ${which} again?`}
          confirm="Drive them again"
          fields={{ intent: "redrive", ...fields }}
          harmless
        >
          The worker takes them through its stages once more. What is loadable by now is loaded; the rest comes back
          here.
        </AskFirst>
        <AskFirst
          label={`Drop ${which}`}
          title={`Drop ${which}?`}
          confirm="Drop them for good"
          fields={{ intent: "drop", ...fields }}
        >
          Their content is thrown away for good. The sessions go on saying that a batch is missing.
        </AskFirst>
      </div>
      <Table
        columns={columnsOf(projectId)}
        rows={letters}
        keyOf={({ id }) => id}
        nothing="None of this reason."
        actions={(letter) => <LetterActions letter={letter} />}
      />
      {page.next_cursor && (
        <Link to={withSearch(search, { cursor: page.next_cursor })} className={styles.more}>
          Older ones
        </Link>
      )}
    </>
  );
}

function columnsOf(projectId: number): Column<Letter>[] {
  return [
    {
      title: "Why",
      cell: ({ reason, state, redrives }) => {
        const [word = "", ...rest] = reason.split(":");
        return (
          <>
            <Link to={`?${new URLSearchParams({ reason: word })}`}>{word}</Link>
            {state === "driving" && (
              <Badge size="sm" variant="default" tt="none" ml="xs">
                being driven
              </Badge>
            )}
            <Below>
              {rest.join(":").trim()}
              {redrives > 0 && ` · driven ${counted(redrives, "time")}`}
            </Below>
          </>
        );
      },
    },
    {
      title: "Session",
      isMinor: true,
      cell: ({ session_id, seq }) =>
        session_id ? (
          <Link to={`/projects/${projectId}/sessions/${session_id}`}>
            <code>{session_id.slice(0, 8)}</code>
            {seq !== null && ` batch ${seq}`}
          </Link>
        ) : (
          "Not known"
        ),
    },
    { title: "Size", isMinor: true, isFigure: true, cell: ({ bytes }) => bytesInWords(bytes) },
    { title: "Died", isMinor: true, cell: ({ died_at }) => <Moment at={died_at} /> },
  ];
}

function LetterActions({ letter: { id, reason } }: { letter: Letter }) {
  return (
    <>
      <LookButton id={id} reason={reason} />
      <AskFirst
        label="Drive again"
        of={id}
        title="Drive this batch again?"
        confirm="Drive it again"
        fields={{ intent: "redrive", letter_id: id }}
        harmless
      >
        The worker takes it through its stages once more.
      </AskFirst>
      <AskFirst
        label="Drop"
        of={id}
        title="Drop this batch?"
        confirm="Drop it for good"
        fields={{ intent: "drop", letter_id: id }}
      >
        Its content is thrown away for good. Its session goes on saying that a batch is missing.
      </AskFirst>
    </>
  );
}

function LookButton({ id, reason }: Pick<Letter, "id" | "reason">) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" size="xs" onClick={open} aria-label={`Look into ${id}`}>
        Look
      </Button>
      <Modal opened={opened} onClose={close} title={reason} size="xl">
        <Content letterId={id} />
      </Modal>
    </>
  );
}

function Content({ letterId }: { letterId: string }) {
  const { projectId } = useFrame();
  const { data: letter, load } = useFetcher<typeof letterLoader>();
  useEffect(() => {
    void load(`/projects/${projectId}/settings/dead-letters/${letterId}`);
  }, [load, projectId, letterId]);
  if (!letter) return <Loader size="sm" aria-label="Loading" />;
  return (
    <Stack gap="xs">
      <h3>Envelope</h3>
      <Code block className={styles.content}>
        {letter.envelope ?? "It had none that could be read."}
      </Code>
      <h3>Content</h3>
      <Code block className={styles.content}>
        {letter.text ?? (letter.body_base64 || "It is empty, or was dropped.")}
      </Code>
    </Stack>
  );
}
