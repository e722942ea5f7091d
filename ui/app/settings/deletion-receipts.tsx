import { Badge } from "@mantine/core";
import { counted, wholeNumber } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import type { loader } from "../routes/settings-data.tsx";
import { Nothing } from "./section.tsx";
import { StillHeld } from "./still-held.tsx";
import table from "./table.module.css";

type Receipt = Awaited<ReturnType<typeof loader>>["receipts"][number];

/** What was deleted, how far that is, and where bytes of it may still lie. */
export function DeletionReceipts({ receipts }: { receipts: Receipt[] }) {
  if (receipts.length === 0) return <Nothing>Nothing was deleted yet.</Nothing>;
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th>What</th>
          <th className={table.minor}>Asked</th>
          <th className={table.minor}>Taken away</th>
          <th>State</th>
        </tr>
      </thead>
      <tbody>
        {receipts.map((receipt) => (
          <tr key={receipt.receipt_id} data-receipt={receipt.receipt_id}>
            <td>
              {receipt.kind === "user" ? `Person “${receipt.user_id}”` : "Session"}
              <span className={table.sub}>
                {receipt.kind === "user" ? counted(receipt.sessions, "session") : <code>{receipt.session_id}</code>}
              </span>
            </td>
            <td className={table.minor}>
              <Moment at={receipt.requested_at} />
            </td>
            <td className={`${table.number} ${table.minor}`}>
              {wholeNumber(Object.values(receipt.removed).reduce((sum, rows) => sum + rows, 0))} rows
            </td>
            <td>
              <Badge
                variant="light"
                color={receipt.status === "done" ? "green" : "yellow"}
                c="var(--rr-text)"
                tt="none"
              >
                {receipt.status === "done" ? "Done" : "Being taken away"}
              </Badge>
              <StillHeld held={receipt.still_held} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
