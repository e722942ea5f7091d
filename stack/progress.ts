/** What a start shows: each step with its seconds, and with a terminal what is under way. Nothing is silent for long. */
import { styleText } from "node:util";

const TICK_MS = 120;
/** Without a terminal: how often a step that takes long says that it still runs. */
const REMINDER_MS = 10_000;

export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #running = new Map<string, number>();
  #ticker: NodeJS.Timeout | undefined;
  #liveLine = false;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  /**
   * Runs one step and prints its line when it is done. Steps may run side by side.
   * @param run resolves to what there is to say of it (a port, a count), or to nothing
   */
  async step(label: string, run: () => Promise<string | undefined>): Promise<void> {
    const startedAt = performance.now();
    this.#running.set(label, startedAt);
    this.#tick();
    try {
      const detail = (await run()) ?? "";
      const mark = styleText("green", "✓", { stream: this.#out });
      const took = styleText("dim", seconds(performance.now() - startedAt), { stream: this.#out });
      this.say(`  ${mark} ${label.padEnd(18)} ${detail.padEnd(24)} ${took}`);
    } finally {
      this.#running.delete(label);
      if (this.#running.size === 0) this.#rest();
    }
  }

  /** One line above what is under way. */
  say(line: string): void {
    this.#clear();
    this.#out.write(`${line}\n`);
  }

  #tick(): void {
    this.#ticker ??= setInterval(() => this.#show(), this.#out.isTTY ? TICK_MS : REMINDER_MS);
  }

  #show(): void {
    const now = performance.now();
    const steps = [...this.#running].map(([label, startedAt]) => `${label} ${seconds(now - startedAt)}`);
    const line = `  … ${steps.join(" · ")}`;
    if (!this.#out.isTTY) {
      this.#out.write(`${line}\n`);
      return;
    }
    this.#clear();
    this.#out.write(styleText("dim", line.slice(0, this.#out.columns - 1), { stream: this.#out }));
    this.#liveLine = true;
  }

  #clear(): void {
    if (!this.#liveLine) return;
    this.#out.write("\r\u001b[2K");
    this.#liveLine = false;
  }

  #rest(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#clear();
  }
}

/** `0.4 s`, `12 s` */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;
}
