/** Commands that end by themselves: builds, the demo project, the demo sessions. */
import { launch } from "./engines/engine.ts";
import { StartError } from "./start-error.ts";

export interface Command {
  /** Names its log, and the step in an error. */
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  logFile: string;
  signal: AbortSignal;
}

/**
 * @returns what it printed
 * @throws StartError with the line that says what is wrong, and where the rest is
 */
export async function runCommand({ signal, ...command }: Command): Promise<string> {
  const launched = await launch({ ...command, supervision: { signal } });
  // Tools start tools: the whole group is told.
  const end = () => process.kill(-launched.pid, "SIGTERM");
  signal.addEventListener("abort", end, { once: true });
  const exit = await launched.exited;
  signal.removeEventListener("abort", end);
  signal.throwIfAborted();
  const printed = launched.printed().trim();
  if (exit.code === 0) return printed;
  const lines = printed.split("\n").map((line) => line.trim());
  // After the line that says what is wrong tools print stacks and the fields of their errors.
  const telling = lines.find((line) => /\berror\b/i.test(line)) ?? lines.at(-1) ?? "";
  throw new StartError(
    `${command.name}: ${telling || `ended with ${exit.code ?? exit.signal}`} (all of it: ${command.logFile})`,
  );
}
