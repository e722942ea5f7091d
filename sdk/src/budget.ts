/**
 * What recording may take of the page's thread while the page changes a lot. Beyond it rrweb only notes what changed, or on a
 * small page not even that, and tells at the end of a pause how the page stands: a node that came and went in between costs
 * nothing more, and no frame of the page waits for it. The recording then shows such stretches in steps; `rrhog.slowed` says
 * where, and how long they are.
 */

/** Of each second. */
const BUDGET_MS = 150;
const PAUSE_MS_FIRST = 500;
const PAUSE_MS_MAX = 8_000;
const SECOND_MS = 1_000;

export interface Brake {
  /** Changes are not told from here on. */
  freeze(): void;
  /** Tells what has changed in the pause of `pauseMs` that ends. */
  thaw(pauseMs: number): void;
}

export interface Budget {
  /** Rrweb took `ms` of the thread for changes. */
  spend(ms: number): void;
  /** Ends the pause that is on, if one is: a snapshot, or the page's end, is to find all told. */
  thaw(): void;
}

export function createBudget(brake: Brake): Budget {
  let secondBeganAt = 0;
  let spentMs = 0;
  /** Of the last pause; 0 after a second of calm. */
  let pauseMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function spend(ms: number): void {
    const now = performance.now();
    if (now - secondBeganAt > SECOND_MS) {
      if (spentMs < BUDGET_MS / 2 && timer === undefined) pauseMs = 0;
      secondBeganAt = now;
      spentMs = 0;
    }
    spentMs += ms;
    if (spentMs <= BUDGET_MS) return;
    // Again also within a pause: what the visitor does thaws rrweb by itself.
    brake.freeze();
    if (timer !== undefined) return;
    pauseMs = Math.min(pauseMs * 2 || PAUSE_MS_FIRST, PAUSE_MS_MAX);
    timer = setTimeout(thaw, pauseMs);
  }

  function thaw(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    secondBeganAt = performance.now();
    spentMs = 0;
    brake.thaw(pauseMs);
    spend(performance.now() - secondBeganAt);
  }

  return { spend, thaw };
}
