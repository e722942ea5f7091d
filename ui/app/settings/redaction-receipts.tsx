import { Progress } from "@mantine/core";
import { counted, wholeNumber } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import type { loader } from "../routes/settings-privacy.tsx";
import { ReceiptState } from "./receipt-state.tsx";
import { StillHeld } from "./still-held.tsx";
import { Below, type Column, Table } from "./table.tsx";

type Receipt = Awaited<ReturnType<typeof loader>>["receipts"][number];

const STATES: Record<Receipt["state"], string> = {
  waiting: "Waiting for the worker",
  running: "Running",
  settling: "Waiting for what was under way",
  done: "Done",
};

const COLUMNS: Column<Receipt>[] = [
  {
    title: "Asked",
    cell: ({ requested_at, version }) => (
      <>
        <Moment at={requested_at} />
        <Below>rules {version}</Below>
      </>
    ),
  },
  {
    title: "Found",
    cell: ({ found, events_changed }) => (
      <>
        {foundInWords(found)}
        <Below>{counted(events_changed, "event")} made anew</Below>
      </>
    ),
  },
  {
    title: "State",
    cell: (receipt) => (
      <>
        <ReceiptState isDone={receipt.state === "done"} words={STATES[receipt.state]} />
        <SessionsDone receipt={receipt} />
        <StillHeld held={receipt.still_held} />
      </>
    ),
  },
];

/** How far applying the rules is, and what they found. */
export function RedactionReceipts({ receipts }: { receipts: Receipt[] }) {
  return (
    <Table
      columns={COLUMNS}
      rows={receipts}
      keyOf={({ receipt_id }) => receipt_id}
      nothing="The rules were not applied to stored sessions yet."
    />
  );
}

function SessionsDone({ receipt: { state, sessions_done, sessions_total } }: { receipt: Receipt }) {
  if (sessions_total === null) return null;
  const words = `${wholeNumber(sessions_done)} of ${counted(sessions_total, "session")}`;
  return (
    <Below>
      {words}
      {state !== "done" && sessions_total > 0 && (
        <Progress value={(sessions_done / sessions_total) * 100} size="sm" mt={4} aria-label={words} />
      )}
    </Below>
  );
}

function foundInWords(found: Receipt["found"]): string {
  const counts = Object.entries(found).filter(([, count]) => (count ?? 0) > 0);
  return counts.length === 0
    ? "Nothing"
    : counts.map(([rule, count]) => `${wholeNumber(count ?? 0)} × ${rule}`).join(", ");
}
