/**
 * `run/<part>.pid`: the process to signal, and what a start that was killed has left behind. A pid alone proves nothing,
 * for the system gives it out again: a leftover is ours when it is older than its file and runs something of this clone.
 */
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeProcess, isAlive } from "./processes.ts";
import { ROOT } from "./settings.ts";
import { StartError } from "./start-error.ts";

/** Names the supervisor itself, which npm starts by its path in the clone. */
const SUPERVISOR = "stack";
const SUPERVISOR_COMMAND = "stack/main.ts";

/** Both clocks count whole seconds. */
const BIRTH_SLACK_MS = 2_000;

/** How long a leftover may take to end by itself before it is killed. */
const GRACE_MS = 10_000;

export class PidFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(name: string, pid: number): Promise<void> {
    await writeFile(this.#file(name), `${pid}\n`);
  }

  async remove(name: string): Promise<void> {
    await rm(this.#file(name), { force: true });
  }

  /** @throws StartError naming the supervisor that already runs on this folder */
  async claim(): Promise<void> {
    const file = this.#file(SUPERVISOR);
    for (;;) {
      try {
        await writeFile(file, `${process.pid}\n`, { flag: "wx" });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const pid = await this.#ours(SUPERVISOR);
      if (pid !== null) {
        throw new StartError(
          `rrHog already runs on this folder (pid ${pid}). Stop that one, or set RRHOG_DATA and other ports for a second.`,
        );
      }
      await rm(file, { force: true });
    }
  }

  async release(): Promise<void> {
    await this.remove(SUPERVISOR);
  }

  /** Ends what an earlier start left behind. @returns the names of the parts that were still running */
  async endLeftovers(): Promise<string[]> {
    const names = (await readdir(this.#folder))
      .filter((file) => file.endsWith(".pid") && file !== `${SUPERVISOR}.pid`)
      .map((file) => file.slice(0, -".pid".length));
    const ended = await Promise.all(
      names.map(async (name) => {
        const pid = await this.#ours(name);
        if (pid !== null) await end(pid);
        await this.remove(name);
        return pid === null ? null : name;
      }),
    );
    return ended.filter((name) => name !== null);
  }

  async #ours(name: string): Promise<number | null> {
    const file = this.#file(name);
    const read = await Promise.all([readFile(file, "utf8"), stat(file)]).catch(() => null);
    if (read === null) return null;
    const [text, { mtimeMs }] = read;
    const pid = Number.parseInt(text, 10);
    if (!(pid > 1) || pid === process.pid) return null;
    const found = await describeProcess(pid);
    if (found === null || found.bornMs > mtimeMs + BIRTH_SLACK_MS) return null;
    return found.command.includes(name === SUPERVISOR ? SUPERVISOR_COMMAND : ROOT) ? pid : null;
  }

  #file(name: string): string {
    return join(this.#folder, `${name}.pid`);
  }
}

/** Each part leads a process group of its own. */
async function end(pid: number): Promise<void> {
  const deadline = Date.now() + GRACE_MS;
  try {
    process.kill(pid, "SIGTERM");
    while (isAlive(pid)) {
      if (Date.now() > deadline) process.kill(-pid, "SIGKILL");
      await sleep(50);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it went by itself
  }
}
