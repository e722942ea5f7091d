import { useEffect } from "react";
import { isTyping } from "./keys.ts";

export type KeyMoves = ReadonlyMap<string, (event: KeyboardEvent) => void>;

/** A page's keys, letters in lower case. They pause while someone types, and leave a focused control its own. */
export function usePageKeys(moves: KeyMoves | null): void {
  useEffect(() => {
    if (!moves) return;
    const onKey = (event: KeyboardEvent) => {
      if (isCommand(event) || isTyping(event.target) || isElsewhere(event)) return;
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

/** A dialog or menu is open, or the key means something to the control that has the focus. */
function isElsewhere({ key, target }: KeyboardEvent): boolean {
  if (document.querySelector("[aria-modal=true], [role=menu]")) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (key === " ") return target.closest("button, a, summary, [role=tab]") !== null;
  return key.startsWith("Arrow") && target.closest("[role=slider], [role=tab], [role=tablist]") !== null;
}
