import { useTimeout } from "@mantine/hooks";
import { type PointerEvent, useState } from "react";

/** Passing over a list is no wish to look into each row. */
const REST_MS = 450;

/** Which row of a list is looked into: one that a mouse rests on, or one that was chosen by key. */
export function usePreview() {
  const [id, setId] = useState<string | null>(null);
  const rest = useTimeout(setId, REST_MS);
  const close = () => {
    rest.clear();
    setId(null);
  };
  const onPointerOver = ({ pointerType, target }: PointerEvent) => {
    if (pointerType !== "mouse" || !(target instanceof Element)) return;
    const over = target.closest<HTMLElement>("[data-session]")?.dataset.session;
    if (over === id) return;
    close();
    if (over) rest.start(over);
  };
  return {
    id,
    toggle: (rowId: string) => setId(rowId === id ? null : rowId),
    close,
    /** For the list's element. */
    hover: { onPointerOver, onPointerLeave: close },
  };
}
