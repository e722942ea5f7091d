/** The scanner against what it stands in for: JSON.parse, and zod over what that gives. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { RrwebEvent } from "#protocol/event.ts";
import { JSON_DEPTH_MAX } from "#protocol/limits.ts";
import { scanBatch } from "./scan-batch.ts";

const RUNS = { numRuns: 3_000 };
const bytes = (text: string) => new TextEncoder().encode(text);
const Batch = z.looseObject({ events: z.array(RrwebEvent).min(1) });

/** What the long way says of these bytes. */
function secondOpinion(text: Uint8Array): "no_json" | "no_utf8" | "no_batch" | { events: unknown; facts: unknown } {
  let decoded: string;
  try {
    decoded = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    return "no_utf8";
  }
  let json: unknown;
  try {
    json = JSON.parse(decoded);
  } catch {
    return "no_json";
  }
  const read = Batch.safeParse(json);
  if (!read.success) return "no_batch";
  const { events, ...facts } = json as { events: unknown };
  return { events, facts };
}

function verdict(text: Uint8Array) {
  const scanned = scanBatch(text);
  if (scanned.kind !== "batch") return scanned.kind;
  const { start, end } = scanned.events;
  const events = JSON.parse(new TextDecoder().decode(text.subarray(start, end)));
  const { events: nothing, ...facts } = JSON.parse(scanned.facts);
  expect(nothing).toBeNull();
  return { events, facts };
}

/** Bytes that are neither are refused as one of the two, whichever shows first. */
function expectSame(text: Uint8Array): void {
  const expected = secondOpinion(text);
  const got = verdict(text);
  if (expected === "no_utf8") expect(["no_utf8", "no_json"]).toContain(got);
  else expect(got).toEqual(expected);
}

const blank = fc.stringMatching(/^[ \n\r\t]{0,2}$/);
const escaped = (text: string) =>
  [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const name = (text: string) =>
  fc.constantFrom(`"${text}"`, `"${text}"`, `"${escaped(text)}"`, `"${text.slice(0, 2)}${escaped(text.slice(2))}"`);
const number = fc.oneof(
  fc.integer().map(String),
  fc.nat(300).map(String),
  fc.double({ noNaN: true }).map((value) => (Number.isFinite(value) ? String(value) : "0")),
  fc.constantFrom("-0", "1e2", "1E+2", "2.0", "255", "256", "1e999", "-1", "12345678901234567890", "1700000000000.5"),
  fc.constantFrom("01", "1.", ".5", "+1", "1e", "0x1", "NaN", "-", "--1", "1.2.3", "8.64e15", "8.65e15"),
);
const value = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '"\\ud800"',
      '"\\u00zz"',
      '"\\x"',
      '"\n"',
      "tru",
      "nul",
      "[1,]",
      '{"a"}',
      "{,}",
      '"',
      "",
    ),
  },
);
const member = (names: string[]) =>
  fc.tuple(fc.oneof(...names.map(name)), blank, blank, value).map(([key, a, b, text]) => `${key}${a}:${b}${text}`);
const event = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .array(member(["type", "timestamp", "data", "typed"]), { maxLength: 4 })
      .map((all) => `{${all.join(",")}}`),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.nat(6), fc.nat(), fc.json())
      .map(([type, at, data]) => `{"type":${type},"timestamp":${at},"data":${data}}`),
  },
  { weight: 1, arbitrary: value },
);
const events = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.array(event, { maxLength: 4 }), blank)
      .map(([all, space]) => `[${space}${all.join(`${space},`)}${space}]`),
  },
  { weight: 1, arbitrary: value },
);
const body = fc
  .tuple(
    fc.array(member(["seq", "url", "user", "__proto__", "constructor", "eventss"]), { maxLength: 3 }),
    fc.array(fc.tuple(name("events"), events), { maxLength: 2 }),
    blank,
  )
  .map(
    ([facts, arrays, space]) =>
      `${space}{${[...facts, ...arrays.map(([key, array]) => `${key}:${array}`)].join(`,${space}`)}${space}}${space}`,
  );

describe("what the scanner takes for a batch", () => {
  it("is what JSON.parse and zod take, with the same events and the same rest", () => {
    fc.assert(
      fc.property(body, (text) => expectSame(bytes(text))),
      RUNS,
    );
  });

  it("whatever happens to its bytes", () => {
    const damaged = fc
      .tuple(body, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
      .map(([text, changes]) =>
        changes.reduce(
          (whole, [at, byte]) => (whole.length === 0 ? whole : whole.with(at % whole.length, byte)),
          bytes(text),
        ),
      );
    fc.assert(fc.property(damaged, expectSame), RUNS);
  });

  it("and not what is cut off, or goes on", () => {
    const text = '{"seq":1,"events":[{"type":3,"timestamp":17,"data":{"a":[1,"é",null]}}]}';
    for (let end = 0; end < bytes(text).length; end++)
      expect(typeof verdict(bytes(text).subarray(0, end))).toBe("string");
    for (const more of ["}", ",", "x", "\0", "{}"]) expect(verdict(bytes(text + more))).toBe("no_json");
    expect(verdict(bytes(`${text} \n`))).toMatchObject({ facts: { seq: 1 } });
  });
});

describe("what is wrong is named", () => {
  it.each([
    ["null", "events", "an array"],
    ["[]", "events", "an array"],
    ['{"seq":1}', "events", "an array"],
    ['{"events":{}}', "events", "an array"],
    ['{"events":[]}', "events", "one event"],
    ['{"events":[{"type":3,"timestamp":1},7]}', "events.1", "an object"],
    ['{"events":[{"timestamp":1}]}', "events.0.type", "0 to 255"],
    ['{"events":[{"type":3,"timestamp":1},{"type":3,"timestamp":"1"}]}', "events.1.timestamp", "milliseconds"],
    ['{"events":[{"type":3,"timestamp":1,"type":3.5}]}', "events.0.type", "0 to 255"],
  ])("%s", (text, path, message) => {
    expect(scanBatch(bytes(text))).toMatchObject({ kind: "no_batch", path, message: expect.stringContaining(message) });
  });

  it("with the place where it stops to be JSON", () => {
    expect(scanBatch(bytes('{"events":[{"type":3,}]}'))).toEqual({ kind: "no_json", at: 21 });
    expect(scanBatch(bytes('{"events":[{"type":03,"timestamp":1}]}'))).toMatchObject({ kind: "no_json" });
  });

  it("as too deep, before a deeper stack would be needed", () => {
    const nested = (depth: number) =>
      bytes(`{"events":[{"type":3,"timestamp":1,"data":${"[".repeat(depth)}${"]".repeat(depth)}}]}`);
    expect(scanBatch(nested(JSON_DEPTH_MAX - 10)).kind).toBe("batch");
    expect(scanBatch(nested(JSON_DEPTH_MAX)).kind).toBe("too_deep");
    expect(scanBatch(bytes("[".repeat(1_000_000))).kind).toBe("too_deep");
  });
});
