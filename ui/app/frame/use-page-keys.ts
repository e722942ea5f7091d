import { useEffect } from "react";
import { isCovered, isTyping } from "./keys.ts";

export type KeyMoves = ReadonlyMap<string, (event: KeyboardEvent) => void>;

/**
 * A page's keys, letters in lower case. They pause while someone types and while something lies over the page, and leave a
 * focused control its own.
 */
export function usePageKeys(moves: KeyMoves | null): void {
  useEffect(() => {
    if (!moves) return;
    const onKey = (event: KeyboardEvent) => {
      if (isCommand(event) || isTyping(event.target) || isCovered() || isOfControl(event)) return;
      const move = moves.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
      if (!move) return;
      event.preventDefault();
      move(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [moves]);
}

/** Meant for the browser. Brackets are typed with Alt on many keyboards. */
function isCommand({ key, metaKey, ctrlKey, altKey }: KeyboardEvent): boolean {
  return metaKey || ((ctrlKey || altKey) && key !== "[" && key !== "]");
}

/** The key means something to the control that has the focus. */
function isOfControl({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (key === " ") return target.closest("button, a, summary, [role=tab]") !== null;
  return key.startsWith("Arrow") && target.closest("[role=slider], [role=tab], [role=tablist]") !== null;
}
