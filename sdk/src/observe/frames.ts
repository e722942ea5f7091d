/** Frames of the page's own origin, and frames in those: what goes on there is told as the page's own. */
import type { View, Watched } from "./host.ts";

/** @param watch watches what is in a frame, until the signal that it is given */
export function watchFrames(host: Watched, watch: (frame: Watched) => void): void {
  const { view, signal, neverThrow } = host;
  /** By a class of theirs: the window itself is the same for all that loads in a frame. */
  const known = new WeakSet<object>();

  const take = neverThrow((frame: HTMLIFrameElement) => {
    // None for what is of another origin, or no frame.
    const inner = frame.contentDocument?.defaultView as View | null | undefined;
    // What rrweb does not know is left out.
    if (!inner || known.has(inner.Object) || host.nodeId(frame) === -1) return;
    known.add(inner.Object);
    const abort = new AbortController();
    const leaving = new Set<() => void>();
    const leave = () => {
      for (const tell of leaving) tell();
    };
    const end = () => {
      host.leaving.delete(leave);
      abort.abort();
    };
    host.leaving.add(leave);
    signal.addEventListener("abort", end, { signal: abort.signal });
    // Other things may load in it, and what has watched this is not to keep it.
    inner.addEventListener(
      "pagehide",
      () => {
        leave();
        end();
      },
      { signal: abort.signal },
    );
    watch({ ...host, view: inner, signal: abort.signal, leaving, early: [] });
  });

  for (const frame of view.document.querySelectorAll("iframe")) take(frame);
  // A turn later rrweb knows of one that has just been put there.
  const onLoad = ({ target }: Event) => setTimeout(take, 0, target);
  view.document.addEventListener("load", onLoad, { capture: true, signal });
}
