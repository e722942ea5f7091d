/** The scanner against what it stands in for: JSON.parse of each event. */
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrayElements } from "#protocol/json-scan.ts";
import { type DecodedEvent, parseEvent } from "./decode.ts";
import { newReading } from "./reading.ts";
import { scanRecording } from "./scan-recording.ts";

function scanned(text: Buffer): DecodedEvent[] | null {
  return scanRecording(text, { start: 0, end: text.length });
}

/** Null where one is no event. */
function parsed(text: Buffer): (DecodedEvent | null)[] | null {
  const slices = arrayElements(text, { start: 0, end: text.length });
  const reading = newReading();
  return slices && slices.length > 0 ? slices.map((slice) => parseEvent(text, slice, reading)) : null;
}

describe("a recording that is scanned", () => {
  it.each(["api-explorer", "checkout", "patchwork", "price-board", "staff-table"])(
    "has the events that JSON.parse finds: %s",
    async (name) => {
      const packed = await readFile(new URL(`../../../test/recordings/${name}.json.gz`, import.meta.url));
      const text = gunzipSync(packed);
      const events = scanned(text);
      expect(events?.length).toBeGreaterThan(10);
      expect(isDeepStrictEqual(events, parsed(text))).toBe(true);
    },
  );

  const source = fc.constantFrom("0", "1", "2", "4", "14", "2.0", '"2"', "null");
  const member = fc.oneof(
    source.map((value) => `"source":${value}`),
    source.map((value) => `"s\\u006furce":${value}`),
    source.map((value) => `"source" : ${value}`),
    fc.constantFrom(
      '"type":2',
      '"type":3',
      '"x":1',
      '"text":"\\"source\\":2"',
      '"tag":"t"',
      '"plugin":"rrweb/console@1"',
    ),
  );
  const data = fc.oneof(
    fc.array(member, { maxLength: 4 }).map((members) => `{${members.join(",")}}`),
    fc.json(),
  );
  const event = fc
    .tuple(
      fc.nat(7),
      fc.oneof(fc.nat().map(String), fc.constantFrom("1e3", "-0", "1.5", "-1")),
      fc.array(data, { maxLength: 2 }),
    )
    .map(([type, at, all]) => `{"type":${type},"timestamp":${at}${all.map((one) => `,"data":${one}`).join("")}}`);
  const array = fc.array(event, { minLength: 1, maxLength: 4 }).map((events) => `[${events.join(" ,")}]`);

  it("tells the facts that JSON.parse finds, wherever a source is said, how often and in which letters", () => {
    fc.assert(
      fc.property(array, (text) => {
        const bytes = Buffer.from(text);
        const long = parsed(bytes);
        if (long?.includes(null)) expect(scanned(bytes)).toBeNull();
        else expect(scanned(bytes)).toEqual(long);
      }),
      { numRuns: 3_000 },
    );
  });

  it("is left to JSON.parse where any byte makes it something else", () => {
    const damaged = fc
      .tuple(array, fc.nat(), fc.nat(255))
      .map(([text, at, byte]) => Uint8Array.prototype.with.call(Buffer.from(text), at % Buffer.byteLength(text), byte));
    fc.assert(
      fc.property(damaged, (bytes) => {
        const text = Buffer.from(bytes);
        const short = scanned(text);
        if (short) expect(short).toEqual(parsed(text));
      }),
      { numRuns: 3_000 },
    );
  });
});
