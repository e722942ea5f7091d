/**
 * npm run faults [-- NAME …] [--rounds N] [--seconds N] [--seed N] [--times N]: does to a running system what may happen to it, under traffic,
 * and counts. A table at the end, then a JSON line a fault; exit code 1 when anything was lost, doubled or wrong.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { fail, liveLine, seconds } from "#cli/terminal.ts";
import { buildIfStale, EDGE_BUILD } from "#stack/builds.ts";
import { ROOT } from "#stack/settings.ts";
import { startStack } from "../support/running-stack.ts";
import { anything } from "./anything.ts";
import { EDGE_FAULTS } from "./edge-faults.ts";
import { openEdgeRig } from "./edge-rig.ts";
import { type Fault, NotPossibleHere, type Rig } from "./fault.ts";
import { anySeed } from "./random.ts";
import { isGood, jsonOf, type Result, remarksOf, tableOf, verdictOf } from "./report.ts";
import { run } from "./run.ts";
import { STACK_FAULTS, type StackFault } from "./stack-faults.ts";
import { openStackRig, openStackRigOnOwnDisk } from "./stack-rig.ts";

const NAMES = [...EDGE_FAULTS, ...STACK_FAULTS, anything(0)].map(({ name }) => name);
const ROUNDS = 1;
const SECONDS = 4;
const TICK_MS = 250;

const USAGE = `npm run faults -- [NAME …] [options]

  NAME         one or more of these, instead of all:
${NAMES.map((name) => `                 ${name}`).join("\n")}
  --rounds N   how often each fault is done, instead of what each takes (mostly ${ROUNDS})
  --seconds N  how long it holds each time, instead of what each fault takes (mostly ${SECONDS})
  --times N    how often \`anything\` strikes within a round, before all is well again (1)
  --seed N     of what \`anything\` does, round by round; else one is made up, and printed`;

const Arguments = z.object({
  names: z.array(z.enum(NAMES)),
  rounds: z.coerce.number().int().positive().optional(),
  seconds: z.coerce.number().positive().optional(),
  times: z.coerce.number().int().positive().default(1),
  seed: z.coerce.number().int().min(0).max(0xffff_ffff).optional(),
});

const line = liveLine();
/** What ends the processes of the run that is under way. */
const running = new Set<() => Promise<void>>();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      seed: { type: "string" },
      times: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const given = Arguments.safeParse({ ...values, names: positionals });
  if (!given.success) throw new Error(`${z.prettifyError(given.error)}\n\n${USAGE}`);
  const { names, times, seed = anySeed(), ...options } = given.data;
  const isWanted = ({ name }: { name: string }) => names.length === 0 || names.includes(name);
  const howOften = (fault: { rounds?: number; seconds?: number }): RunOptions => ({
    rounds: options.rounds ?? fault.rounds ?? ROUNDS,
    seconds: options.seconds ?? fault.seconds ?? SECONDS,
  });

  line.show("build", "building the edge, if it is not up to date");
  await buildIfStale(EDGE_BUILD, join(ROOT, "node_modules/.cache/rrhog/build.log"), new AbortController().signal);
  const results: Result[] = [];
  for (const fault of EDGE_FAULTS.filter(isWanted)) {
    results.push(await attempt(fault, () => openEdgeRig(fault.rig), howOften(fault)));
  }
  const stackFaults: StackFault[] = [...STACK_FAULTS, anything(seed, times)].filter(isWanted);
  const [withOwnDisk, onSharedStack] = [
    stackFaults.filter(({ ownDisk }) => ownDisk),
    stackFaults.filter(({ ownDisk }) => !ownDisk),
  ];
  if (onSharedStack.length > 0) {
    line.show("stack", "starting a whole stack");
    const stack = await startStack();
    await whileRunning(stack.stop, async () => {
      for (const fault of onSharedStack) results.push(await attempt(fault, () => openStackRig(stack), howOften(fault)));
    });
  }
  for (const fault of withOwnDisk) results.push(await attempt(fault, openStackRigOnOwnDisk, howOften(fault)));
  line.clear();
  report(results);
}

type RunOptions = { rounds: number; seconds: number };

async function attempt<R extends Rig>(fault: Fault<R>, open: () => Promise<R>, options: RunOptions): Promise<Result> {
  const startedAt = Date.now();
  let phase = "";
  const show = () => line.show(phase, `${seconds(Date.now() - startedAt)} ${phase}`);
  const ticker = setInterval(show, TICK_MS);
  const say = (text: string) => {
    phase = text;
    show();
  };
  try {
    say(`${fault.name}: starting`);
    const rig = await open();
    return await whileRunning(rig.stop, () => run(fault, rig, { ...options, say }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { fault: fault.name, kind: error instanceof NotPossibleHere ? "skipped" : "failed", why };
  } finally {
    clearInterval(ticker);
  }
}

async function whileRunning<T>(stop: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  running.add(stop);
  try {
    return await work();
  } finally {
    running.delete(stop);
    await stop();
  }
}

function report(results: readonly Result[]): void {
  console.log(tableOf(results));
  console.log(["", ...remarksOf(results), verdictOf(results), ""].join("\n"));
  for (const result of results) console.log(jsonOf(result));
  if (!results.every(isGood)) process.exitCode = 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    line.clear();
    void Promise.allSettled([...running].toReversed().map((stop) => stop())).then(() => process.exit(130));
  });
}
await main().catch(fail);
