import { describe, expect, it } from "vitest";
import { inFreshObject } from "../test/edge.ts";
import { ListedRelays } from "./listed-relays.ts";
import { migrate } from "./schema.ts";

const NOON = 1_700_000_000_000;
const NAME = "relay:any:eu:0";

function withRelays(run: (relays: ListedRelays) => void) {
  return inFreshObject(({ storage }) => {
    migrate(storage);
    run(new ListedRelays(storage, () => NOON));
  });
}

describe("a relay is listed", () => {
  it("from when it says that it may hold batches until it says that it holds none", () =>
    withRelays((relays) => {
      relays.note(NAME, true, NOON - 9);
      relays.note("relay:eu:eu:1", true, NOON - 9);
      expect(relays.names()).toEqual([NAME, "relay:eu:eu:1"]);
      relays.note(NAME, false, NOON - 8);
      expect(relays.names()).toEqual(["relay:eu:eu:1"]);
      relays.note(NAME, true, NOON - 7);
      expect(relays.names()).toEqual([NAME, "relay:eu:eu:1"]);
    }));

  it("by its latest word, in whatever order its words come", () =>
    withRelays((relays) => {
      relays.note(NAME, true, NOON - 7);
      relays.note(NAME, false, NOON - 8);
      expect(relays.names()).toEqual([NAME]);
      relays.note(NAME, false, NOON - 6);
      relays.note(NAME, true, NOON - 7);
      expect(relays.names()).toEqual([]);
    }));

  it("though its clock ran ahead when it said the opposite", () =>
    withRelays((relays) => {
      relays.note(NAME, false, NOON + 1_000_000);
      relays.note(NAME, true, NOON);
      expect(relays.names()).toEqual([NAME]);
    }));
});
