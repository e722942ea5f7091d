/** What the pages tell of themselves, frame by frame. */

/** What `watchFrames` leaves in the window. */
export interface Watched {
  /** When the replayed page was first there to be painted, in ms since the navigation began. */
  firstFrameAt: number | null;
  /** The longest task since it was set to 0, ms; only what takes 50 or more counts as one. */
  longestTask: number;
}

/** Runs in every page, before its own scripts. Playwright sends its text, so it refers to nothing outside. */
export function watchFrames(): void {
  if (window !== window.top) return;
  const watched: Watched = { firstFrameAt: null, longestTask: 0 };
  Object.assign(window, { watched });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longestTask = Math.max(watched.longestTask, duration);
  }).observe({ type: "longtask", buffered: true });
  const look = () => {
    const replayed = document.querySelector<HTMLIFrameElement>(".replayer-wrapper iframe")?.contentDocument;
    if (replayed?.body?.firstElementChild) watched.firstFrameAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
