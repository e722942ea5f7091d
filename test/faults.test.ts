import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { buildIfStale, EDGE_BUILD } from "#stack/builds.ts";
import { ROOT } from "#stack/settings.ts";
import { EDGE_FAULTS, type EdgeFault } from "./faults/edge-faults.ts";
import { openEdgeRig } from "./faults/edge-rig.ts";
import { NotPossibleHere } from "./faults/fault.ts";
import { type Outcome, run } from "./faults/run.ts";

/** The short form of `npm run faults`: one round each, as long as it takes to be felt. The whole stack's: outage.test.ts. */
const SECONDS = 1.5;
/** For those that take long to show in the matrix. */
const SECONDS_LONG = 4;
/** It takes the time that it is about. */
const MATRIX_ONLY = new Set(["long-outage"]);

beforeAll(async () => {
  await buildIfStale(EDGE_BUILD, join(ROOT, "node_modules/.cache/rrhog/build.log"), new AbortController().signal);
});

async function outcomeOf(fault: EdgeFault, seconds: number): Promise<Outcome> {
  const rig = await openEdgeRig(fault.rig);
  try {
    return await run(fault, rig, { rounds: 1, seconds });
  } finally {
    await rig.stop();
  }
}

describe("every 202 is in the stream in the end, with its bytes, and nothing that was refused", () => {
  const faults = EDGE_FAULTS.filter(({ name }) => !MATRIX_ONLY.has(name));
  it.for(faults)("$name: $what", async (fault, { skip }) => {
    const seconds = fault.seconds === undefined ? SECONDS : SECONDS_LONG;
    const outcome = await outcomeOf(fault, seconds).catch((error: unknown) => {
      if (error instanceof NotPossibleHere) skip(error.message);
      throw error;
    });
    expect(outcome).toMatchObject({ lost: 0, foreign: 0, stranded: 0, wrong: {}, shown: true });
    expect(outcome.batches).toBeGreaterThan(0);
  });
});

describe("the count", () => {
  it("sees a message that the stream has lost", async () => {
    const loss: EdgeFault = {
      name: "loss",
      what: "a message is deleted from the stream",
      shows: () => true,
      inject: (rig) => rig.stream.lose(1),
      mend: async () => {},
    };
    const { lost } = await outcomeOf(loss, 0);
    expect(lost).toBeGreaterThan(0);
  });
});
