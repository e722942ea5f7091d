/** The worker as it is deployed: a process of its own, which can be killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface WorkerProcess {
  pid: number;
  /** Of health and metrics; resolves once they are served. */
  url: Promise<string>;
  /** All that it has printed. */
  output(): string;
  exited: Promise<{ code: number | null; signal: string | null }>;
  signal(signal: NodeJS.Signals): void;
}

export function startWorker(env: Record<string, string>): WorkerProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH ?? "", WORKER_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the worker did not start");
  let output = "";
  const served = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const port = /"port":(\d+)/.exec(output)?.[1];
      if (port) served.resolve(`http://127.0.0.1:${port}`);
    });
  }
  const exited = once(child, "close").then(([code, signal]) => ({ code, signal }) as { code: number; signal: string });
  return { pid, url: served.promise, output: () => output, exited, signal: (signal) => child.kill(signal) };
}
