/**
 * Brings batches from the requests of this isolate to their relays, several together: a call costs about as much as all
 * else that a request does.
 *
 * The first batch of a line goes at once, by a call of its own request, the leader. What comes meanwhile waits. A relay that
 * runs in this isolate takes it by itself, in that same call; to another the leader brings it next, in one call, and so on
 * while anything waits. Should much wait, it is taken, or brought by whoever came last, beside what is under way: a relay
 * is never idle while requests wait for a PubAck all together.
 *
 * Whoever waits follows a promise of its own, which another request's context settles: the runtime then resumes it in its
 * own. Such a promise is made by `Promise.withResolvers` alone: V8 inlines `new Promise` once it has optimised the code
 * around it, and leaves out what tells the runtime whose promise it is. A timer keeps the runtime from taking who waits for
 * hung, and ends the wait for a leader that the platform has ended.
 */
import { type Frame, frameBytes } from "#protocol/message.ts";
import type { PublishOutcome } from "./interface.ts";
import { type Answer, Line, Load, MUCH_BATCHES, Supply } from "./line.ts";

/** Brings a supply to its relay, and settles what it brought. Never rejects. */
export type Call = (supply: Supply) => Promise<void>;
/** The request's `waitUntil`. */
export type Defer = (work: Promise<unknown>) => void;

/** Beyond twice the relay's budget a leader that has not settled is gone. */
const GONE_AFTER_MS = 3_000;
/** Calls of a line under way at once beside the leader's. */
const AHEAD_MAX = 1;

/** What `Cloudflare.compatibilityFlags` must have for one request to settle what another waits for. */
export const FLAG = "handle_cross_request_promise_resolution";

export class Courier {
  readonly #goneAfterMs: number;
  /** Whether one request may settle what another waits for. */
  readonly together: boolean;
  readonly #clock: () => number;
  readonly #lines = new Map<string, Line>();

  /**
   * @param budgetMs that a relay takes for a batch, at most
   * @param together whether the runtime has `FLAG`; where it has not, each batch goes by itself
   */
  constructor(budgetMs: number, together: boolean, clock: () => number = Date.now) {
    this.#goneAfterMs = 2 * budgetMs + GONE_AFTER_MS;
    this.together = together;
    this.#clock = clock;
  }

  /** @param name batches of one line go together: one relay, one subject, one project */
  async deliver(name: string, frame: Frame, call: Call, defer: Defer): Promise<PublishOutcome> {
    const bytes = frameBytes(frame);
    if (!this.together) return alone(frame, bytes, call);
    for (;;) {
      const line = this.#lines.get(name);
      const isLed = line !== undefined && !line.isGone(this.#goneAfterMs);
      const load = isLed ? line.load : new Load();
      if (isLed && !load.hasRoomFor(bytes)) {
        // What is full is not gathered any longer.
        line.supply?.tell(Number.POSITIVE_INFINITY);
        return alone(frame, bytes, call);
      }
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const place = load.add(frame, bytes, resolve);
      if (!isLed) defer(this.#lead(name, load, call));
      else if (line.supply) line.supply.tell(load.frames.length);
      else if (load.frames.length >= MUCH_BATCHES && line.ahead < AHEAD_MAX) defer(goAhead(line, call));
      setTimeout(resolve, this.#goneAfterMs, NO_ANSWER);
      const answer = await promise;
      if (answer) return outcomeOf(answer, place);
    }
  }

  async #lead(name: string, first: Load, call: Call): Promise<void> {
    const line = new Line(this.#clock);
    this.#lines.set(name, line);
    for (let load: Load | null = first; load; load = line.take(1)) await bring(new Supply(load, line), call);
    if (this.#lines.get(name) === line) this.#lines.delete(name);
    line.load.settle(null);
  }
}

const NO_ANSWER: PublishOutcome[] = [{ kind: "not_durable", reason: "relay_unreachable" }];

async function goAhead(line: Line, call: Call): Promise<void> {
  const load = line.take(MUCH_BATCHES);
  if (!load) return;
  line.ahead++;
  await bring(new Supply(load, null), call);
  line.ahead--;
}

async function alone(frame: Frame, bytes: number, call: Call): Promise<PublishOutcome> {
  const load = new Load();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  load.add(frame, bytes, resolve);
  await bring(new Supply(load, null), call);
  return outcomeOf((await promise) ?? NO_ANSWER, 0);
}

async function bring(supply: Supply, call: Call): Promise<void> {
  await call(supply);
  supply.end(NO_ANSWER);
}

/** A relay that answers with another number of outcomes than it got batches has not been understood. */
function outcomeOf(answer: readonly PublishOutcome[], place: number): PublishOutcome {
  const outcome = answer.length === 1 ? answer[0] : answer[place];
  return outcome ?? { kind: "not_durable", reason: "refused" };
}
