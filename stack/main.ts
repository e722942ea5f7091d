/**
 * `npm start`: settings → data folder → nothing in the way → bring-up → the table of addresses → stay until told to
 * stop. Wiring only. `--verbose` shows stack traces.
 */
import { constants } from "node:os";
import { addressesOf, removeAddresses, writeAddresses } from "./addresses.ts";
import { bringUp } from "./bring-up.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";
import { openDataFolder } from "./data-folder.ts";
import { reaper } from "./engines/reaper.ts";
import { KEYS_HELP, listenToKeys } from "./keys.ts";
import type { Surroundings } from "./parts.ts";
import { PidFiles } from "./pid-files.ts";
import { assertPortsFree } from "./ports.ts";
import { Progress } from "./progress.ts";
import { readOrMakeSecrets } from "./secrets.ts";
import { readSettings, wantedPorts } from "./settings.ts";
import { StartError } from "./start-error.ts";
import { summaryOf } from "./summary.ts";
import { Supervisor } from "./supervisor.ts";

/** Within this a second signal is the first one's echo. */
const ECHO_MS = 1_500;

process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;

const beganAt = Date.now();
const verbose = process.argv.includes("--verbose");
const progress = new Progress();

const stop = Promise.withResolvers<void>();
let told: { signal: NodeJS.Signals; at: number } | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => tell(signal));

function tell(signal: NodeJS.Signals): void {
  // Told again, and not by npm, which passes on what the terminal sent to both: the reaper ends what is left.
  if (told !== undefined && Date.now() - told.at > ECHO_MS) process.exit(1);
  told ??= { signal, at: Date.now() };
  stop.resolve();
}

try {
  await run();
} catch (error) {
  console.error(error instanceof StartError && !verbose ? error.message : error);
  process.exitCode = 1;
}
await reaper.dismiss();
// Nothing is left to do; a handle that some library forgot must not hold the terminal.
process.exit();

async function run(): Promise<void> {
  const settings = readSettings(process.env);
  const data = await openDataFolder(settings.dataDir);
  const pidFiles = new PidFiles(data.run);
  await pidFiles.claim();
  try {
    for (const name of await pidFiles.endLeftovers())
      progress.say(`  ended the ${name} that an earlier start had left`);
    await assertPortsFree(wantedPorts(settings));
    const secrets = await readOrMakeSecrets(data.secrets);
    const addresses = addressesOf(settings, secrets);
    await writeAddresses(data.run, addresses);
    await supervise({ settings, secrets, addresses, data }, pidFiles);
  } finally {
    await removeAddresses(data.run);
    await pidFiles.release();
  }
}

async function supervise(surroundings: Surroundings, pidFiles: PidFiles): Promise<void> {
  const supervisor = new Supervisor(pidFiles, (line) => progress.say(`  ! ${line}`));
  void stop.promise.then(() => supervisor.giveUp());
  let giveTerminalBack = () => {};
  try {
    await bringUp(surroundings, supervisor, progress);
    console.log(await summaryOf(surroundings, Date.now() - beganAt, beganAt));
    if (process.stdin.isTTY) console.log(KEYS_HELP);
    giveTerminalBack = listenToKeys(surroundings.addresses, () => tell("SIGINT"));
    await stop.promise;
  } catch (error) {
    if (told === undefined) throw error;
    process.exitCode = 128 + constants.signals[told.signal]; // told to stop before it was up
  } finally {
    giveTerminalBack();
    progress.say("Stopping …");
    await supervisor.stop();
  }
}
