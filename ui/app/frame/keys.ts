/** The keys of a page, as its route's `handle` names them and the help shows them. */
export interface Key {
  /** Each as on the keyboard; several that do the same. */
  keys: string[];
  does: string;
}

export interface KeysHandle {
  /** Over them in the help; "This page", where it is left out. */
  title?: string;
  keys: Key[];
}

export const HELP_KEY: Key = { keys: ["?"], does: "This help" };

/** Whether someone is typing: shortcuts pause meanwhile. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Whether something lies over the page. Closed menus and popovers may stay in it, unseen. */
export function isCovered(): boolean {
  const layers = [...document.querySelectorAll("[aria-modal=true], [role=menu], [role=dialog]")];
  return layers.some((layer) => layer.checkVisibility());
}
