/** All ports are tried before anything is started: a start that cannot finish does not begin. */
import { createServer } from "node:net";
import { portOwner } from "./processes.ts";
import type { WantedPort } from "./settings.ts";
import { StartError } from "./start-error.ts";

/** @throws StartError for the first that is taken, with who has it and the variable that moves ours */
export async function assertPortsFree(wanted: readonly WantedPort[]): Promise<void> {
  const seen = new Map<number, WantedPort>();
  for (const one of wanted) {
    const other = seen.get(one.port);
    if (other !== undefined) {
      throw new StartError(`${one.part}: port ${one.port} is ${other.part}'s as well. Set ${one.variable}.`);
    }
    seen.set(one.port, one);
  }
  for (const { part, variable, port } of wanted) {
    const refusal = await tryPort(port);
    if (refusal === null) continue;
    if (refusal !== "EADDRINUSE") {
      throw new StartError(`${part}: port ${port} cannot be used (${refusal}). Set ${variable}.`);
    }
    const owner = (await portOwner(port)) ?? "another process";
    throw new StartError(`${part}: port ${port} is taken by ${owner}. Stop it or set ${variable}.`);
  }
}

function tryPort(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(null)));
  });
}
