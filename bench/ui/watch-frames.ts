/** What `watchFrames` leaves in the window. */
export interface Watched {
  /** When the replayed page was first there to be painted, in ms since the navigation began. */
  firstFrameAt: number | null;
}

/** Runs in every page, before its own scripts. Playwright sends its text, so it refers to nothing outside. */
export function watchFrames(): void {
  if (window !== window.top) return;
  const watched: Watched = { firstFrameAt: null };
  Object.assign(window, { watched });
  const look = () => {
    const replayed = document.querySelector<HTMLIFrameElement>(".replayer-wrapper iframe")?.contentDocument;
    if (replayed?.body?.firstElementChild) watched.firstFrameAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
