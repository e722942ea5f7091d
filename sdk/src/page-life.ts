/** A page's life as browsers tell it: it is hidden and shown, goes, may sleep in the back/forward cache, and come back. */
import { listen } from "./listening.ts";

export interface PageLife {
  /** The page is going, or sleeps. */
  readonly isGone: boolean;
  /** As if the page had gone and never came back. */
  end(): void;
}

export interface PageLifeListener {
  /** On a phone this may be the last that is seen of the page. If it is going for certain, `onLeave` comes. */
  onHide(): void;
  onShow(hiddenMs: number): void;
  /** Once, before the page has gone. */
  onLeave(): void;
  onReturn(): void;
}

export function watchPageLife({ onHide, onShow, onLeave, onReturn }: PageLifeListener): PageLife {
  let isGone = false;
  let hasEnded = false;
  let hiddenAt = 0;

  function leave(): void {
    if (isGone) return;
    onLeave();
    isGone = true;
  }

  function comeBack({ persisted }: PageTransitionEvent): void {
    if (!persisted || hasEnded) return;
    isGone = false;
    onReturn();
  }

  function turn(): void {
    if (isGone) return;
    if (document.visibilityState === "hidden") {
      hiddenAt = Date.now();
      onHide();
    } else onShow(Date.now() - hiddenAt);
  }

  listen(window, "pagehide", leave);
  listen(window, "pageshow", comeBack);
  listen(document, "visibilitychange", turn);

  return {
    get isGone() {
      return isGone;
    },
    end() {
      isGone = hasEnded = true;
    },
  };
}
