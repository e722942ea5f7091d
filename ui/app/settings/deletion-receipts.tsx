import { counted } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import type { loader } from "../routes/settings-data.tsx";
import { ReceiptState } from "./receipt-state.tsx";
import { StillHeld } from "./still-held.tsx";
import { Below, type Column, Table } from "./table.tsx";

type Receipt = Awaited<ReturnType<typeof loader>>["receipts"][number];

const COLUMNS: Column<Receipt>[] = [
  {
    title: "What",
    cell: ({ kind, user_id, sessions, session_id }) => (
      <>
        {kind === "user" ? `Person “${user_id}”` : "Session"}
        <Below>{kind === "user" ? counted(sessions, "session") : <code>{session_id}</code>}</Below>
      </>
    ),
  },
  { title: "Asked", isMinor: true, cell: ({ requested_at }) => <Moment at={requested_at} /> },
  {
    title: "Taken away",
    isMinor: true,
    isFigure: true,
    cell: ({ removed }) =>
      counted(
        Object.values(removed).reduce((sum, rows) => sum + rows, 0),
        "row",
      ),
  },
  {
    title: "State",
    cell: ({ status, still_held }) => (
      <>
        <ReceiptState isDone={status === "done"} words={status === "done" ? "Done" : "Being taken away"} />
        <StillHeld held={still_held} />
      </>
    ),
  },
];

/** What was deleted, how far that is, and where bytes of it may still lie. */
export function DeletionReceipts({ receipts }: { receipts: Receipt[] }) {
  return (
    <Table
      columns={COLUMNS}
      rows={receipts}
      keyOf={({ receipt_id }) => receipt_id}
      nothing="Nothing was deleted yet."
    />
  );
}
