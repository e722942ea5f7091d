/** What can be seen from outside while a fault holds and while it is recovered from. */
import { setTimeout as sleep } from "node:timers/promises";
import { memoryOf } from "#stack/processes.ts";
import type { Rig, Seen } from "./fault.ts";
import type { Traffic } from "./traffic.ts";

export interface MemorySample {
  /** Since the watch began, ms. */
  atMs: number;
  /** Whether the fault held. */
  holds: boolean;
  /** Whose memory it is: workerd may have been killed and started meanwhile. */
  pid: number;
  bytes: number;
}

const EVERY_MS = 100;
/** Looking at all processes costs more than a question to one. */
const MEMORY_EVERY_MS = 500;

export class Watch {
  readonly memory: MemorySample[] = [];
  readonly #rig: Rig;
  readonly #traffic: Traffic;
  readonly #startedAt = Date.now();
  readonly #loop: Promise<void>;
  #breakerOpened = false;
  #streamedBesideSpool = 0;
  #holds = false;
  #stopped = false;

  constructor(rig: Rig, traffic: Traffic) {
    this.#rig = rig;
    this.#traffic = traffic;
    this.#loop = this.#run();
  }

  holds(holds: boolean): void {
    this.#holds = holds;
  }

  get seen(): Seen {
    const { spool, refused, unanswered, uncheckable } = this.#traffic.answers;
    return {
      spooled: spool,
      refused,
      unanswered,
      uncheckable,
      breakerOpened: this.#breakerOpened,
      streamedBesideSpool: this.#streamedBesideSpool,
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    let sampledAt = 0;
    let last = { streamed: 0, hadSpooled: false };
    while (!this.#stopped) {
      const health = await this.#rig.health();
      const streamed = this.#traffic.answers.stream;
      const hasSpooled = (health?.spooledBatches ?? 0) > 0;
      this.#breakerOpened ||= health?.breakerOpen ?? false;
      // At both ends of the interval: then it did so in between, too.
      if (!this.#holds && last.hadSpooled && hasSpooled) this.#streamedBesideSpool += streamed - last.streamed;
      last = { streamed, hadSpooled: hasSpooled };
      if (Date.now() - sampledAt >= MEMORY_EVERY_MS) {
        sampledAt = Date.now();
        await this.#sampleMemory();
      }
      await sleep(EVERY_MS);
    }
  }

  async #sampleMemory(): Promise<void> {
    const pid = this.#rig.edgePid();
    if (pid === null) return;
    const bytes = (await memoryOf([pid])).get(pid) ?? 0;
    if (bytes === 0) return;
    this.memory.push({ atMs: Date.now() - this.#startedAt, holds: this.#holds, pid, bytes });
  }
}
