/** A relay takes by itself what waits in its own isolate (line.ts), while the call is open that brought it the first. */
import { type Load, MUCH_BATCHES, type Supply } from "./line.ts";

/** Loads of one line under way at once. */
const UNDER_WAY_MAX = 2;
/** How long batches are gathered once nothing is under way, ms. */
const GATHERS_MS = 1;
/** And once some were spooled: a commit halts all else while the disk syncs, so that as many as can be should share it. */
const GATHERS_TO_SPOOL_MS = 5;
/** How long a call that nothing waits for stays open, ms: another costs more than to be woken. */
const IDLE_MS = 100;

/**
 * Answers much at once, and once nothing is under way whatever has come within a moment, so that a PubAck and its disk sync
 * are for many batches. While batches are spooled, one load follows the other: as soon as all who have their answer may
 * have come again. Resolves when nothing has come for a while, or nothing more may be taken.
 * @param answer publishes a load and settles it, and resolves with whether it was spooled. Never rejects.
 */
export async function serve(supply: Supply, answer: (load: Load) => Promise<boolean>): Promise<void> {
  let underWay = 0;
  /** How many batches the last load came to and had left waiting, where it was spooled. */
  let toSpool = 0;
  let wake = () => {};
  const begin = (load: Load) => {
    underWay++;
    void answer(load).then((isSpooled) => {
      underWay--;
      toSpool = isSpooled ? load.frames.length + supply.waiting : 0;
      wake();
    });
  };
  /** Until so many batches wait, something under way has ended, or so many ms are over. */
  const turn = async (batches: number, ms?: number) => {
    // Of this context, also where a request's wakes it: see courier.ts.
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    supply.tellAt(batches, resolve);
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  };
  supply.begin();
  begin(supply.first);
  for (;;) {
    if (underWay > 0) {
      const isBusy = underWay >= UNDER_WAY_MAX || toSpool > 0;
      const much = isBusy ? null : supply.take(MUCH_BATCHES);
      if (much) begin(much);
      else await turn(isBusy ? Number.POSITIVE_INFINITY : MUCH_BATCHES);
      if (underWay > 0) continue;
      if (toSpool === 0) await turn(MUCH_BATCHES, GATHERS_MS);
      else if (supply.waiting < toSpool) await turn(toSpool, GATHERS_TO_SPOOL_MS);
      continue;
    }
    if (supply.waiting === 0 && !supply.isOver) await turn(1, IDLE_MS);
    const load = supply.take(1);
    if (!load) return;
    begin(load);
  }
}
