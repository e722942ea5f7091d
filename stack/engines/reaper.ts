/**
 * Ends what a process has launched when that process is killed and can end nothing itself. A shell of one megabyte reads
 * from a pipe which children are alive; the pipe closes with its owner, whatever became of it.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";

const SCRIPT = `
trap '' INT TERM HUP
alive=
while read -r verb pid; do
  others=
  for one in $alive; do [ "$one" = "$pid" ] || others="$others $one"; done
  alive=$others
  [ "$verb" = watch ] && alive="$alive $pid"
done
for one in $alive; do kill -TERM "$one" 2>/dev/null; done
tries=0
while [ -n "$alive" ] && [ $tries -lt 50 ]; do
  sleep 0.2
  others=
  for one in $alive; do kill -0 "$one" 2>/dev/null && others="$others $one"; done
  alive=$others
  tries=$((tries + 1))
done
for one in $alive; do kill -KILL "-$one" 2>/dev/null; done
`;

class Reaper {
  #shell: ChildProcessByStdio<Writable, null, null> | undefined;

  watch(pid: number): void {
    this.#say(`watch ${pid}`);
  }

  /** It has ended: its number may be another's by now. */
  forget(pid: number): void {
    this.#say(`forget ${pid}`);
  }

  /** Lets it go, and waits until it has gone. Only when nothing is left that it should watch. */
  async dismiss(): Promise<void> {
    const shell = this.#shell;
    this.#shell = undefined;
    if (shell === undefined || shell.exitCode !== null) return;
    shell.ref(); // from here on it is waited for
    shell.stdin.end();
    await once(shell, "exit");
  }

  #say(line: string): void {
    this.#shell ??= start();
    this.#shell.stdin.write(`${line}\n`);
  }
}

/** One for this process, made with its first child. */
export const reaper = new Reaper();

function start(): ChildProcessByStdio<Writable, null, null> {
  const shell = spawn("/bin/sh", ["-c", SCRIPT, "rrhog-reaper"], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // It must not keep its owner alive, nor trouble it when it is the one that was killed.
  shell.unref();
  shell.on("error", () => {});
  shell.stdin.on("error", () => {});
  if ("unref" in shell.stdin && typeof shell.stdin.unref === "function") shell.stdin.unref();
  return shell;
}
