/** The list by keys: from anywhere on the page the first press goes to it. */
import { useEffect, useRef } from "react";
import { isCovered, isTyping, type Key } from "../frame/keys.ts";

export const LIST_KEYS: Key[] = [
  { keys: ["J", "↓"], does: "Next session" },
  { keys: ["K", "↑"], does: "Previous session" },
  { keys: ["Enter"], does: "Watch it" },
  { keys: ["Space"], does: "What happened in it" },
  { keys: ["X"], does: "Select it" },
  { keys: ["Esc"], does: "Select none" },
];

const STEPS: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

interface Moves {
  /** The row that has the focus is selected, or no longer. */
  onSelect: (sessionId: string) => void;
  /** The row that has the focus is looked into, or no longer. */
  onPreview: (sessionId: string) => void;
  onEscape: () => void;
}

/** @returns what the list itself is to be known by */
export function useListKeys(moves: Moves) {
  const list = useRef<HTMLOListElement>(null);
  const latest = useRef(moves);
  useEffect(() => {
    latest.current = moves;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => list.current && move(list.current, event, latest.current);
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return list;
}

function move(list: HTMLElement, event: KeyboardEvent, { onSelect, onPreview, onEscape }: Moves): void {
  if (isTypingText(event.target) || event.metaKey || event.ctrlKey || event.altKey || isCovered()) return;
  const links = [...list.querySelectorAll<HTMLElement>("a[data-row]")];
  const at = links.findIndex((link) => link.parentElement?.contains(document.activeElement));
  const id = links[at]?.dataset.session;
  const step = STEPS[event.key];
  if (step) {
    const target = at < 0 ? links.find(isInSight) : links[at + step];
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
  } else if (event.key === " " && id && links[at] === document.activeElement) onPreview(id);
  else if (event.key === "x" && id) onSelect(id);
  else if (event.key === "Escape") onEscape();
  else return;
  event.preventDefault();
}

/** Rows above what is seen may be in the page. */
function isInSight(link: HTMLElement): boolean {
  return link.getBoundingClientRect().top >= 0;
}

/** A row's own checkbox takes no letters. */
function isTypingText(target: EventTarget | null): boolean {
  return isTyping(target) && !(target instanceof HTMLInputElement && target.type === "checkbox");
}
