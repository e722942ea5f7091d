/** The recorder's listeners on its page. What goes wrong in one stays in it. */
import { neverThrow } from "./never-throw.ts";

const renewals: (() => void)[] = [];

/** Listens for the page's life, also where `document.open` takes all listeners from the window and the document. */
export function listen<Heard extends Event>(target: EventTarget, type: string, heed: (event: Heard) => void): void {
  const guarded = neverThrow(heed) as EventListener;
  const renew = () => target.addEventListener(type, guarded);
  renewals.push(renew);
  renew();
}

/** Calls `onRewrite` once something else is in the place of the whole document: all listen again by then. */
export function watchRewrites(onRewrite: () => void): void {
  let root = document.documentElement;
  const look = () => {
    // Those that are still there do not listen twice.
    for (const renew of renewals) renew();
    const { documentElement } = document;
    if (!documentElement || documentElement === root) return;
    root = documentElement;
    onRewrite();
  };
  new MutationObserver(neverThrow(look)).observe(document, { childList: true });
}
