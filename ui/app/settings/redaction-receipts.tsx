import { Badge, Progress } from "@mantine/core";
import { counted, wholeNumber } from "../format/duration.ts";
import { Moment } from "../format/viewer.tsx";
import type { loader } from "../routes/settings-privacy.tsx";
import { Nothing } from "./section.tsx";
import { StillHeld } from "./still-held.tsx";
import table from "./table.module.css";

type Receipt = Awaited<ReturnType<typeof loader>>["receipts"][number];

const STATES: Record<Receipt["state"], string> = {
  waiting: "Waiting for the worker",
  running: "Running",
  settling: "Waiting for what was under way",
  done: "Done",
};

/** How far applying the rules is, and what they found. */
export function RedactionReceipts({ receipts }: { receipts: Receipt[] }) {
  if (receipts.length === 0) return <Nothing>The rules were not applied to stored sessions yet.</Nothing>;
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th>Asked</th>
          <th>Found</th>
          <th>State</th>
        </tr>
      </thead>
      <tbody>
        {receipts.map((receipt) => (
          <tr key={receipt.receipt_id} data-receipt={receipt.receipt_id}>
            <td>
              <Moment at={receipt.requested_at} />
              <span className={table.sub}>rules {receipt.version}</span>
            </td>
            <td>
              {foundInWords(receipt.found)}
              <span className={table.sub}>{counted(receipt.events_changed, "event")} made anew</span>
            </td>
            <td>
              <Badge variant="light" color={receipt.state === "done" ? "green" : "yellow"} c="var(--rr-text)" tt="none">
                {STATES[receipt.state]}
              </Badge>
              <SessionsDone receipt={receipt} />
              <StillHeld held={receipt.still_held} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SessionsDone({ receipt: { state, sessions_done, sessions_total } }: { receipt: Receipt }) {
  if (sessions_total === null) return null;
  const words = `${wholeNumber(sessions_done)} of ${counted(sessions_total, "session")}`;
  return (
    <span className={table.sub}>
      {words}
      {state !== "done" && sessions_total > 0 && (
        <Progress value={(sessions_done / sessions_total) * 100} size="sm" mt={4} aria-label={words} />
      )}
    </span>
  );
}

function foundInWords(found: Receipt["found"]): string {
  const counts = Object.entries(found).filter(([, count]) => (count ?? 0) > 0);
  return counts.length === 0
    ? "Nothing"
    : counts.map(([rule, count]) => `${wholeNumber(count ?? 0)} × ${rule}`).join(", ");
}
