import { Badge } from "@mantine/core";

/** How far that is of which a receipt was given. */
export function ReceiptState({ isDone, words }: { isDone: boolean; words: string }) {
  return (
    <Badge variant="light" color={isDone ? "green" : "yellow"} c="var(--rr-text)" tt="none">
      {words}
    </Badge>
  );
}
