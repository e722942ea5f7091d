/** Keeps the parts alive: starts each, starts it again when it dies, and ends all of them in order. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine, Exit, Supervision } from "./engines/engine.ts";
import type { PidFiles } from "./pid-files.ts";
import { seconds } from "./progress.ts";

export interface Part {
  /** Of its pid file and its log. */
  name: string;
  /** A part needs only parts of lower tiers, and ends before they do. */
  tier: number;
  start(supervision: Supervision): Promise<Engine>;
  /** Why one that runs must be started anew; null while it need not. What it throws counts as null. */
  needsRestart?(): Promise<string | null>;
}

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 10_000;
/** A part that has lived this long had no trouble at start: the next death is met without delay. */
const SETTLED_MS = 5_000;
/** Between two questions whether a part must be started anew. */
const ASK_EVERY_MS = 5_000;

interface Watched {
  part: Part;
  /** The one that runs now. */
  engine: Engine;
  /** Ends when the part is no longer kept alive. */
  watch: Promise<void>;
}

export class Supervisor {
  readonly #pidFiles: PidFiles;
  readonly #say: (line: string) => void;
  readonly #askEveryMs: number;
  readonly #stopping = new AbortController();
  readonly #watched: Watched[] = [];
  readonly #starting = new Set<Promise<unknown>>();

  constructor(pidFiles: PidFiles, say: (line: string) => void, askEveryMs = ASK_EVERY_MS) {
    this.#pidFiles = pidFiles;
    this.#say = say;
    this.#askEveryMs = askEveryMs;
  }

  /** Aborted once all is to end: whatever else is under way heeds it too. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Ends what is being started, and starts nothing more. What runs goes on until `stop`. */
  giveUp(): void {
    this.#stopping.abort();
  }

  /** @throws StartError when its first start fails; later failures are met by trying again */
  async start(part: Part): Promise<Engine> {
    const engine = await this.#launch(part);
    const watched = { part, engine, watch: Promise.resolve() };
    this.#watched.push(watched);
    watched.watch = this.#keepAlive(watched);
    return engine;
  }

  /** Ends all parts, tier by tier. Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.giveUp();
    await Promise.allSettled(this.#starting);
    const tiers = [...new Set(this.#watched.map(({ part }) => part.tier))].sort((a, b) => b - a);
    for (const tier of tiers) {
      await Promise.all(this.#watched.filter(({ part }) => part.tier === tier).map((watched) => this.#end(watched)));
    }
  }

  async #end(watched: Watched): Promise<void> {
    await watched.engine.stop();
    await watched.watch;
    await this.#pidFiles.remove(watched.part.name);
  }

  /** Never resolves to an engine that `stop` would miss. */
  #launch(part: Part): Promise<Engine> {
    const launched = (pid: number) => this.#pidFiles.write(part.name, pid);
    const start = async () => {
      const engine = await part.start({ signal: this.signal, launched });
      if (!this.signal.aborted) return engine;
      await engine.stop();
      throw this.signal.reason;
    };
    const starting = start().catch(async (error: unknown) => {
      await this.#pidFiles.remove(part.name);
      throw error;
    });
    this.#starting.add(starting);
    return starting.finally(() => this.#starting.delete(starting));
  }

  async #keepAlive(watched: Watched): Promise<void> {
    const { part } = watched;
    let failures = 0;
    for (;;) {
      const upSince = performance.now();
      const exit = await this.#exitOf(watched);
      if (this.signal.aborted) return;
      if (performance.now() - upSince > SETTLED_MS) failures = 0;
      this.#say(`${part.name} ended (${causeOf(exit)}); starting it again`);
      const revived = await this.#revive(part, failures);
      if (revived === null) return;
      watched.engine = revived.engine;
      failures = revived.failures;
    }
  }

  /** Ends it, too, where it must be started anew. */
  async #exitOf({ part, engine }: Watched): Promise<Exit> {
    if (!part.needsRestart) return engine.exited;
    for (;;) {
      const exit = await Promise.race([engine.exited, sleep(this.#askEveryMs, null, { ref: false })]);
      if (exit !== null) return exit;
      const why = await part.needsRestart().catch(() => null);
      if (why === null || this.signal.aborted) continue;
      this.#say(`${part.name} must be started anew: ${why}`);
      await engine.stop();
    }
  }

  /** @returns null when all is to end */
  async #revive(part: Part, earlier: number): Promise<{ engine: Engine; failures: number } | null> {
    const diedAt = performance.now();
    for (let failures = earlier + 1; ; failures += 1) {
      const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
      try {
        await sleep(delay, undefined, { signal: this.signal });
        const engine = await this.#launch(part);
        this.#say(`${part.name} is back after ${seconds(performance.now() - diedAt)} (pid ${engine.pid})`);
        return { engine, failures };
      } catch (error) {
        if (this.signal.aborted) return null;
        const next = seconds(Math.min(LONGEST_DELAY_MS, delay * 2));
        this.#say(`${(error as Error).message}; trying again in ${next}`);
      }
    }
  }
}

function causeOf({ code, signal }: Exit): string {
  return signal ?? `code ${code}`;
}
