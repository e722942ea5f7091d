/**
 * Brings batches from the requests of this isolate to their relays, several in one call: a call costs about as much as
 * all else that a request does.
 *
 * The first batch of a line goes at once, by a call of its own request, the leader. What comes meanwhile waits, and the
 * leader brings it next, in one call, and so on while anything waits. Should much wait, whoever came last brings it ahead
 * of the leader, so that the relay is never idle while requests wait for a PubAck all together.
 *
 * Whoever waits follows a promise of its own, which another request's context settles: the runtime then resumes it in its
 * own. Such a promise is made by `Promise.withResolvers` alone: V8 inlines `new Promise` once it has optimised the code
 * around it, and leaves out what tells the runtime whose promise it is. A timer keeps the runtime from taking who waits for
 * hung, and ends the wait for a leader that the platform has ended.
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
/** So many batches do not wait for the leader. Fewer would make a PubAck and a disk sync cost more than the wait does. */
const AHEAD_BATCHES = 20;
/** Calls of a line under way at once beside the leader's. */
const AHEAD_MAX = 1;

/** What `Cloudflare.compatibilityFlags` must have for one request to settle what another waits for. */
export const FLAG = "handle_cross_request_promise_resolution";

/** Null: not brought by this leader. */
type Answer = PublishOutcome[] | null;

/** What goes in one call. */
interface Load {
  frames: Frame[];
  bytes: number;
  /** Who waits, in the order of the frames. */
  waiting: ((answer: Answer) => void)[];
}

/** What shares calls, while it has a leader. */
interface Line {
  /** What is being collected. */
  load: Load;
  /** Calls under way beside the leader's. */
  ahead: number;
  /** When the leader's call began, ms. */
  since: number;
}

export class Courier {
  readonly #goneAfterMs: number;
  readonly #together: boolean;
  readonly #clock: () => number;
  readonly #lines = new Map<string, Line>();

  /**
   * @param budgetMs that a relay takes for a batch, at most
   * @param together whether the runtime has `FLAG`; where it has not, each batch goes by itself
   */
  constructor(budgetMs: number, together: boolean, clock: () => number = Date.now) {
    this.#goneAfterMs = 2 * budgetMs + GONE_AFTER_MS;
    this.#together = together;
    this.#clock = clock;
  }

  /** @param name batches of one line go together: one relay, one subject, one project */
  async deliver(name: string, frame: Frame, call: Call, defer: Defer): Promise<PublishOutcome> {
    if (!this.#together) return outcomeOf(await call([frame]), 0);
    const bytes = frameBytes(frame);
    for (;;) {
      const line = this.#lines.get(name);
      const isLed = line !== undefined && !this.#isGone(line);
      const load = isLed ? line.load : newLoad();
      const fits = bytes <= GROUPED_BATCH_BYTES_MAX && load.bytes + bytes <= GROUP_BYTES_MAX;
      if (isLed && !fits) return outcomeOf(await call([frame]), 0);
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const place = load.frames.push(frame) - 1;
      load.bytes += bytes;
      load.waiting.push(resolve);
      if (!isLed) defer(this.#lead(name, load, call));
      else if (load.frames.length >= AHEAD_BATCHES && line.ahead < AHEAD_MAX) defer(this.#goAhead(line, call));
      setTimeout(resolve, this.#goneAfterMs, NO_ANSWER);
      const answer = await promise;
      if (answer) return outcomeOf(answer, place);
    }
  }

  async #lead(name: string, first: Load, call: Call): Promise<void> {
    const until = this.#clock() + LEADS_MS_MAX;
    const line: Line = { load: newLoad(), ahead: 0, since: this.#clock() };
    this.#lines.set(name, line);
    for (let load = first; ; ) {
      settle(load, await call(load.frames));
      load = line.load;
      const isReplaced = this.#lines.get(name) !== line;
      if (load.frames.length === 0 || this.#clock() > until || isReplaced) {
        if (!isReplaced) this.#lines.delete(name);
        settle(load, null);
        return;
      }
      line.load = newLoad();
      line.since = this.#clock();
    }
  }

  async #goAhead(line: Line, call: Call): Promise<void> {
    const { load } = line;
    line.load = newLoad();
    line.ahead++;
    const answer = await call(load.frames);
    line.ahead--;
    settle(load, answer);
  }

  #isGone(line: Line): boolean {
    return this.#clock() - line.since > this.#goneAfterMs;
  }
}

const NO_ANSWER: PublishOutcome[] = [{ kind: "not_durable", reason: "relay_unreachable" }];

function newLoad(): Load {
  return { frames: [], bytes: 0, waiting: [] };
}

function settle(load: Load, answer: Answer): void {
  for (const resolve of load.waiting) resolve(answer);
}

/** A relay that answers with another number of outcomes than it got batches has not been understood. */
function outcomeOf(answer: readonly PublishOutcome[], place: number): PublishOutcome {
  const outcome = answer.length === 1 ? answer[0] : answer[place];
  return outcome ?? { kind: "not_durable", reason: "refused" };
}
