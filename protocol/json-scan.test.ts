import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrayElements, findMember, jsonDepth, type Slice } from "./json-scan.ts";

/** A JSON text built piece by piece, so that each value's very text is known: odd blanks, escapes and doubled names included. */
interface Text {
  text: string;
  depth: number;
  members?: { name: string; value: Text }[];
  elements?: Text[];
}

const blank = fc.string({ unit: fc.constantFrom(" ", "\n", "\r", "\t"), maxLength: 3 });

/** The same string in one of the ways JSON can write it: each character as it is, or by its UTF-16 units. */
const written = (value: string) => {
  const characters = Array.from(value);
  const length = { minLength: characters.length, maxLength: characters.length };
  return fc.array(fc.boolean(), length).map((escaped) => {
    const parts = characters.map((character, i) =>
      escaped[i]
        ? character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        : JSON.stringify(character).slice(1, -1),
    );
    return `"${parts.join("")}"`;
  });
};

const string = fc.string({ unit: "binary", maxLength: 12 }).chain(written);
const name = fc.oneof(
  fc.constantFrom("events", "seq", "__proto__", "", 'quo"te', "back\\slash", "}"),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const scalar: fc.Arbitrary<Text> = fc
  .oneof(
    fc.constantFrom("null", "true", "false", "-0", "1E+400", "12345678901234567890", "0.1e-7"),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
    string,
  )
  .map((text) => ({ text, depth: 0 }));

const { value: anyText, object: objectText } = fc.letrec<{ value: Text; array: Text; object: Text }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, scalar, tie("array"), tie("object")),
  array: fc.array(fc.tuple(blank, tie("value"), blank), { maxLength: 4 }).map((items) => ({
    text: `[${items.map(([before, { text }, after]) => before + text + after).join(",")}]`,
    depth: 1 + Math.max(0, ...items.map(([, { depth }]) => depth)),
    elements: items.map(([, element]) => element),
  })),
  object: fc
    .array(
      fc.tuple(
        blank,
        name.chain((key) => written(key).map((text) => ({ key, text }))),
        blank,
        blank,
        tie("value"),
        blank,
      ),
      { maxLength: 5 },
    )
    .map((items) => ({
      text: `{${items.map(([a, key, b, c, { text }, d]) => `${a}${key.text}${b}:${c}${text}${d}`).join(",")}}`,
      depth: 1 + Math.max(0, ...items.map((item) => item[4].depth)),
      members: items.map(([, { key }, , , value]) => ({ name: key, value })),
    })),
}));

const bytesOf = (text: string) => new TextEncoder().encode(text);
const cut = (bytes: Uint8Array, { start, end }: Slice) => new TextDecoder().decode(bytes.subarray(start, end));

describe("findMember", () => {
  it("finds the very text of each member, of the last one where a name comes twice", () => {
    fc.assert(
      fc.property(blank, objectText, blank, (before, { text, members = [] }, after) => {
        const bytes = bytesOf(before + text + after);
        const parsed = new Map(Object.entries(JSON.parse(text) as object));
        for (const { name } of members) {
          const last = members.findLast((member) => member.name === name)?.value.text as string;
          const slice = findMember(bytes, name);
          expect(slice && cut(bytes, slice)).toBe(last);
          expect(JSON.parse(last)).toEqual(parsed.get(name));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("finds nothing where JSON.parse finds nothing", () => {
    fc.assert(
      fc.property(objectText, name, ({ text, members = [] }, name) => {
        fc.pre(members.every((member) => member.name !== name));
        expect(findMember(bytesOf(text), name)).toBeNull();
      }),
    );
  });

  it("does not take a nested member, or text inside a string, for one of the top", () => {
    const bytes = bytesOf(`{"a":{"events":[1]},"b":"\\"events\\":[2]","events" : [3] }`);
    expect(cut(bytes, findMember(bytes, "events") as Slice)).toBe("[3]");
  });

  it("knows a name however it is escaped", () => {
    const bytes = bytesOf(String.raw`{"ev\u0065nts":[1]}`);
    expect(cut(bytes, findMember(bytes, "events") as Slice)).toBe("[1]");
  });

  it.each(["", "[]", "null", '"events"', "\uFEFF{}"])("finds nothing in %j", (text) => {
    expect(findMember(bytesOf(text), "events")).toBeNull();
  });
});

describe("arrayElements", () => {
  it("cuts each element as it was sent, so that no number is rounded and no key moves", () => {
    fc.assert(
      fc.property(objectText, ({ text, members = [] }) => {
        const bytes = bytesOf(text);
        for (const { name, value } of members) {
          if (members.findLast((member) => member.name === name)?.value !== value || !value.elements) continue;
          const slices = arrayElements(bytes, findMember(bytes, name) as Slice);
          expect(slices?.map((slice) => cut(bytes, slice))).toEqual(value.elements.map((element) => element.text));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is null for what is no array", () => {
    const bytes = bytesOf('{"events":{}}');
    expect(arrayElements(bytes, findMember(bytes, "events") as Slice)).toBeNull();
  });
});

describe("jsonDepth", () => {
  it("counts the deepest nesting, brackets in strings apart", () => {
    fc.assert(
      fc.property(anyText, ({ text, depth }) => {
        expect(jsonDepth(bytesOf(text))).toBe(depth);
      }),
    );
  });
});

describe("text that is no JSON", () => {
  it("ends, and stays inside the bytes", () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\ae1 '), maxLength: 40 }).map(bytesOf),
      objectText.chain(({ text }) => fc.nat(text.length).map((length) => bytesOf(text.slice(0, length)))),
    );
    fc.assert(
      fc.property(hostile, name, (bytes, name) => {
        jsonDepth(bytes);
        const slice = findMember(bytes, name) ?? { start: 0, end: bytes.length };
        for (const { start, end } of [slice, ...(arrayElements(bytes, slice) ?? [])]) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
