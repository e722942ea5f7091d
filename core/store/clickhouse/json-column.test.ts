import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { eventLine } from "./events.ts";
import { insertRows } from "./insert.ts";
import { jsonColumn } from "./json-column.ts";

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
});
afterAll(() => databases.drop());

type Props = Record<string, unknown>;

/** Inserts a row of each, at once, and reads them back as text: a number would not show what JSON.parse rounds. */
async function stored(all: readonly Props[]): Promise<string[]> {
  const [session_id, id] = [randomUUID(), randomUUID()];
  const common = { project_id: 1, session_id, user_id: null, event_name: "e", ts: Date.UTC(2026, 10, 23), url: "" };
  const batch = { window_id: "", batch_id: id, received_on: "2026-11-23", version: 0 };
  const rows = all.map((props, idx) => ({ ...common, ...batch, event_id: randomUUID(), idx, props }));
  expect(await insertRows(databases.clickhouse, "events", rows, eventLine)).toEqual({ ok: true });
  const result = await databases.clickhouse.query({
    query: "SELECT props FROM events WHERE session_id = {session_id: UUID} ORDER BY idx",
    query_params: { session_id },
    format: "JSONEachRow",
  });
  const text = await result.text();
  return text.split("\n").flatMap((line) => (line === "" ? [] : line.slice('{"props":'.length, -1)));
}

const back = async (props: Props): Promise<unknown> => JSON.parse((await stored([props]))[0] ?? "");

/** What the type keeps of a value: in objects, nulls and what is empty cannot be told from what is not there. */
function kept(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kept);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const found = kept(member);
      const empty = found === null || (!Array.isArray(found) && typeof found === "object" && isEmpty(found));
      return empty ? [] : [[name, found]];
    }),
  );
}
/**
 * A null beside lists comes back as an empty list, since a list of lists has no other, and an empty list beside an object
 * that has members as an empty object: which of them it was is left open.
 */
function alike(value: unknown): unknown {
  if (Array.isArray(value)) {
    const isBesideObject = value.some((item) => isObject(item) && !isEmpty(item));
    const isOpen = (item: unknown) => item === null || (isBesideObject && isObject(item) && isEmpty(item));
    return value.map((item) => (isOpen(item) ? [] : alike(item)));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, alike(member)]));
}
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isEmpty = (object: object) => Object.keys(object).length === 0;

const nested = (levels: number, open: string, inner: string, close: string) =>
  JSON.parse(`{"a":${open.repeat(levels)}${inner}${close.repeat(levels)}}`) as Props;

describe("what ClickHouse gives back of a JSON column", () => {
  it("is what was sent: text that looks like something else, mixed lists, names with dots, empty names", async () => {
    const props = {
      day: "2024-01-01",
      time: "2024-01-01 10:00:00",
      instant: "2024-01-01T10:00:00.5Z",
      number: "12",
      truth: "true",
      id: "550e8400-e29b-41d4-a716-446655440000",
      mixed: [1, "x", true, null, 2.5, [1, ["y"]], { z: [true, 1, "2024-01-01"] }],
      truths: [true, 1, 0, false],
      "a.b": 1,
      a: { b: 2, "": 3, "c.": { ".d": 4 } },
      "": 5,
      "nul \0": "\0",
      'quote " \\ \n \u2028': "\u007f 漢 🦔",
      empty: [],
      constructor: "x",
      toString: { x: 1 },
      dec: [0.1, 5e-324, 1.7976931348623157e308, -1e-7],
    };
    expect(await back(props)).toEqual(props);
    expect(await back(JSON.parse('{"__proto__":{"x":1},"y":2}') as Props)).toEqual({
      ...JSON.parse('{"__proto__":{"x":1}}'),
      y: 2,
    });
  });

  it("has integers of 64 bits to the last digit, and larger ones as far as a double holds them", async () => {
    const integers = { u: 2n ** 64n - 1n, i: -(2n ** 63n), n: 9007199254740993n, far: 2 ** 64, low: -(2 ** 70) };
    const [text] = await stored([integers]);
    expect(text).toBe(
      '{"far":18446744073709552000,"i":-9223372036854775808,"low":-1.1805916207174113e21,"n":9007199254740993,"u":18446744073709551615}',
    );
  });

  it("has neither nulls nor empty objects, which are as good as absent", async () => {
    expect(await back({ a: null, b: {}, c: { d: null }, e: [null, {}], f: 0, g: false, h: "" })).toEqual({
      e: [null, {}],
      f: 0,
      g: false,
      h: "",
    });
  });

  it("has U+FFFD for half a surrogate pair, in names too; of names that thereby are one, a value is kept", async () => {
    expect(await back({ a: "\ud800", "\ud800": 1, "\udfff": 2 })).toEqual({ a: "\ufffd", "\ufffd": 1 });
  });

  it("is the like of any object of any JSON", async () => {
    const name = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom("a", "b", "a.b", "", ".", "__x"));
    const value = fc.letrec<{ any: unknown; list: unknown[]; object: Props }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.maxSafeInteger(),
        ),
        fc.constantFrom(null, true, false, 0, "2024-02-03", "1", 1e20),
        tie("list"),
        tie("object"),
      ),
      list: fc.array(tie("any"), { maxLength: 4 }),
      object: fc.dictionary(name, tie("any"), { maxKeys: 4 }),
    })).object;
    const sent = fc.sample(value, 400).map((props) => JSON.parse(JSON.stringify(props)) as Props);
    const found = (await stored(sent)).map((text) => JSON.parse(text));
    expect(found.map(alike)).toEqual(sent.map(kept).map(alike));
  });
});

describe("what would cost far more than its bytes", () => {
  it("is kept as its text below 16 levels", async () => {
    const shallow = nested(15, '{"a":', "1", "}");
    expect(await back(shallow)).toEqual(shallow);
    for (const [open, close] of [
      ['{"a":', "}"],
      ["[", "]"],
    ] as const) {
      const deep = nested(1_990, open, "1", close);
      const found = JSON.stringify(await back(deep));
      const [text] = /"(?:\\.|[^"\\])*[\]}](?:\\.|[^"\\])*"/.exec(found) ?? [];
      expect(found.replace(text ?? "", JSON.parse(text ?? ""))).toBe(JSON.stringify(deep));
    }
  });

  it("is kept as its text where a long way leads to many leaves", async () => {
    const leaves = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, i]));
    const props = { [`long ${"name".repeat(100)}`]: leaves, beside: { a: 1 } };
    const [name] = Object.keys(props) as [string];
    expect(await back(props)).toEqual({ [name]: JSON.stringify(leaves), beside: { a: 1 } });
    expect(JSON.parse(jsonColumn({ wide: leaves }))).toEqual({ wide: leaves });
  });

  it("never grows beyond some times what was sent", () => {
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof({ maxDepth: 12 }, fc.nat(), fc.dictionary(fc.string({ maxLength: 200 }), tie("node"))),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tree), (props) => {
        const paths = (value: unknown, path: number): number =>
          typeof value === "object" && value !== null
            ? Object.entries(value).reduce((sum, [name, member]) => sum + paths(member, path + name.length + 1), 0)
            : path;
        const text = jsonColumn(props);
        expect(paths(JSON.parse(text), 0)).toBeLessThanOrEqual(9 * text.length);
      }),
    );
  });
});

describe("hostile props", () => {
  const row = (i: number): Record<string, Props> => ({
    "names that never repeat": { [`k${i}`]: 1, [`l${i}`]: { [`m${i}`]: [{ [`n${i}`]: 1 }] } },
    "lists of each depth": nested(i % 500, "[", "1", "]"),
    "lists of objects of lists": nested(i % 200, '[{"a":', "1", "}]"),
    "one name of each type": { a: [1, "1", [1], { a: 1 }, true, null, 1.5, [[true]], [{}]][i % 9] },
  });

  it.each(Object.keys(row(0)))("are stored: %s", { timeout: 60_000 }, async (kind) => {
    const all = Array.from({ length: 10_000 }, (_, i) => row(i)[kind] as Props);
    expect(await stored(all)).toHaveLength(all.length);
  });

  it("are stored: 300,000 names in one event", async () => {
    const props = Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`k${i}`, i]));
    expect(await back(props)).toEqual(props);
  });

  it("are stored: 100,000 leaves 400 levels down", async () => {
    const leaves = JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [i.toString(36), 1])));
    expect(await stored([nested(400, '{"a":', leaves, "}")])).toHaveLength(1);
  });
});
