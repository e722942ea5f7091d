import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONTINENTS, JURISDICTIONS, readRelayName, relayName } from "./relay-name.ts";

describe("a relay's name", () => {
  it("says where the relay is", () => {
    const address = fc.record({
      jurisdiction: fc.constantFrom(...JURISDICTIONS),
      continent: fc.constantFrom(...CONTINENTS),
      shard: fc.integer({ min: 0, max: 999 }),
    });
    fc.assert(
      fc.property(address, ({ jurisdiction, continent, shard }) => {
        expect(readRelayName(relayName(jurisdiction, continent, shard))).toEqual({ jurisdiction, continent, shard });
      }),
    );
  });

  it("is nothing else: what can be read is written the same again", () => {
    const part = fc.constantFrom(
      "relay",
      "any",
      "eu",
      "us",
      "xx",
      "0",
      "7",
      "007",
      "-1",
      "1e3",
      "",
      ":",
      "\n",
      "RELAY",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join(":")),
    );
    fc.assert(
      fc.property(text, (name) => {
        const read = readRelayName(name);
        if (read) expect(relayName(read.jurisdiction, read.continent, read.shard)).toBe(name);
      }),
    );
  });

  it.each([
    "relay:any:eu",
    "relay:any:eu:01",
    "relay:any:eu:-1",
    "relay:mars:eu:0",
    "relay:any:eu:0\n",
    "xrelay:any:eu:0",
  ])("%j is none", (name) => {
    expect(readRelayName(name)).toBeNull();
  });
});
