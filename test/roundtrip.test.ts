import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { READ_ROUTES } from "#cli/read-back.ts";
import { readRecording } from "#cli/recording.ts";
import { makeTrip, type Trip, type TripOptions } from "#cli/trip.ts";
import { type RunningStack, startStack } from "./support/running-stack.ts";

const RECORDINGS = join(import.meta.dirname, "recordings");

let stack: RunningStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

async function trip(name: string, how: Partial<TripOptions>): Promise<Trip> {
  const recording = await readRecording(join(RECORDINGS, name));
  const { edgeUrl, apiUrl } = stack.addresses;
  return makeTrip(recording, {
    edgeUrl,
    apiUrl,
    writeKey: "dev_write_123",
    readKey: "dev_read_123",
    projectId: 1,
    sessionId: randomUUID(),
    windowId: randomUUID(),
    batchSize: 100,
    gzip: false,
    twice: false,
    shuffle: false,
    parallel: 1,
    routes: READ_ROUTES,
    patienceMs: 60_000,
    ...how,
  });
}

function expectWhole({ events, routes, ...trip }: Trip) {
  expect(trip.stored).toBe(events);
  for (const { route, comparison } of routes) {
    expect({ route, ...comparison }).toMatchObject({
      equal: events,
      lost: 0,
      doubled: 0,
      foreign: 0,
      firstMisplaced: null,
    });
  }
}

describe("a recording of a real application comes back whole, by each route", () => {
  it.each<[string, string, Partial<TripOptions>]>([
    ["plain", "api-explorer.json.gz", {}],
    ["gzipped", "staff-table.json.gz", { gzip: true }],
    ["twice and shuffled", "api-explorer.json.gz", { twice: true, shuffle: true, parallel: 8, batchSize: 7 }],
    ["without window ids", "staff-table.json.gz", { windowId: null }],
    [
      "without window ids, gzipped, twice and shuffled",
      "api-explorer.json.gz",
      { windowId: null, gzip: true, twice: true, shuffle: true, parallel: 8 },
    ],
    ["one event a batch", "api-explorer.json.gz", { batchSize: 1, parallel: 8 }],
    ["30,000 events, gzipped and shuffled", "price-board.json.gz", { gzip: true, shuffle: true, parallel: 4 }],
  ])("%s", async (_how, name, how) => {
    expectWhole(await trip(name, how));
  });
});

describe("JSON that a parser would change comes back as it was sent", () => {
  it.each([true, false])("gzip: %s", async (gzip) => {
    const whole = await trip("nasty.recording.json", { gzip, batchSize: 3 });
    expectWhole(whole);
  });
});
