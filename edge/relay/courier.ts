/**
 * Brings batches from the requests of this isolate to their relays, several in one call: a call costs about as much as
 * all else that a request does.
 *
 * The first batch of a line goes at once, by a call of its own request, the leader. What comes meanwhile waits, and the
 * leader brings it next, in one call, and so on while anything waits. A request that waits follows a promise that the
 * leader's context has made and settles: workerd resumes it in its own context. The other way round, a leader that settles
 * promises of other contexts, it now and then resumes them in the leader's, which ends them with an error.
 *
 * A leader goes on after its own answer by `waitUntil`. Should the platform end it all the same, the next request notices
 * and leads; those who waited get no answer, and their recorders send again. A timer in each that waits would mend that as
 * well, at a twentieth of all that a request costs.
 */
import { GROUP_BYTES_MAX, GROUPED_BATCH_BYTES_MAX } from "#protocol/limits.ts";
import { type Frame, frameBytes } from "#protocol/message.ts";
import type { PublishOutcome } from "./interface.ts";

/** Brings these frames to the relay in one call. Never rejects. @returns one outcome for all, or one for each */
export type Call = (frames: readonly Frame[]) => Promise<PublishOutcome[]>;
/** The request's `waitUntil`. */
export type Defer = (work: Promise<unknown>) => void;

/** A leader gives its place up after this: the platform ends what runs for 30 s after its answer. */
const LEADS_MS_MAX = 10_000;
/** Beyond twice the relay's budget a leader that has not settled is gone. */
const GONE_AFTER_MS = 3_000;

/** What waits for the leader's next call. */
interface Load {
  frames: Frame[];
  bytes: number;
  /** Null: not brought by this leader. */
  answer: Promise<PublishOutcome[] | null>;
  settle(answer: PublishOutcome[] | null): void;
  /** When the leader's call began after which it goes. */
  since: number;
}

export class Courier {
  readonly #goneAfterMs: number;
  readonly #clock: () => number;
  /** What is being collected, by line; a line without a leader has none. */
  readonly #loads = new Map<string, Load>();

  /** @param budgetMs that a relay takes for a batch, at most */
  constructor(budgetMs: number, clock: () => number = Date.now) {
    this.#goneAfterMs = 2 * budgetMs + GONE_AFTER_MS;
    this.#clock = clock;
  }

  /** @param line batches of one line go together: one relay, one subject, one project */
  async deliver(line: string, frame: Frame, call: Call, defer: Defer): Promise<PublishOutcome> {
    for (;;) {
      const load = this.#loads.get(line);
      if (!load || this.#isGone(load)) return this.#lead(line, frame, call, defer);
      const bytes = frameBytes(frame);
      const fits = bytes <= GROUPED_BATCH_BYTES_MAX && load.bytes + bytes <= GROUP_BYTES_MAX;
      if (!fits) return outcomeOf(await call([frame]), 0);
      const place = load.frames.push(frame) - 1;
      load.bytes += bytes;
      const answer = await load.answer;
      if (answer) return outcomeOf(answer, place);
    }
  }

  #lead(line: string, frame: Frame, call: Call, defer: Defer): Promise<PublishOutcome> {
    return new Promise((resolve) => {
      defer(this.#bring(line, [frame], call, (answer) => resolve(outcomeOf(answer, 0))));
    });
  }

  async #bring(line: string, first: Frame[], call: Call, answered: (answer: PublishOutcome[]) => void) {
    const until = this.#clock() + LEADS_MS_MAX;
    let frames = first;
    let tell: (answer: PublishOutcome[]) => void = answered;
    for (;;) {
      const next = newLoad(this.#clock());
      this.#loads.set(line, next);
      tell(await call(frames));
      const isReplaced = this.#loads.get(line) !== next;
      const isOver = next.frames.length === 0 || this.#clock() > until || isReplaced;
      if (isOver) {
        if (!isReplaced) this.#loads.delete(line);
        next.settle(null);
        return;
      }
      frames = next.frames;
      tell = next.settle;
    }
  }

  #isGone(load: Load): boolean {
    return this.#clock() - load.since > this.#goneAfterMs;
  }
}

function newLoad(since: number): Load {
  const { promise, resolve } = Promise.withResolvers<PublishOutcome[] | null>();
  return { frames: [], bytes: 0, answer: promise, settle: resolve, since };
}

/** A relay that answers with another number of outcomes than it got batches has not been understood. */
function outcomeOf(answer: readonly PublishOutcome[], place: number): PublishOutcome {
  const outcome = answer.length === 1 ? answer[0] : answer[place];
  return outcome ?? { kind: "not_durable", reason: "refused" };
}
