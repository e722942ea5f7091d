/** The quick check against zod, which it stands in for. */
import fc from "fast-check";
import { expect, it } from "vitest";
import * as z from "zod";
import { BatchFacts } from "#protocol/batch.ts";
import { readFacts } from "./batch-facts.ts";

const Facts = BatchFacts.extend({ project_write_key: z.string().max(256).nullish() });

const text = (max: number) =>
  fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom("x".repeat(max), "x".repeat(max + 1), ""), fc.jsonValue());
const id = fc.oneof(
  fc.uuid(),
  fc.uuid().map((one) => one.toUpperCase()),
  fc.string(),
  fc.constant(null),
  fc.constantFrom("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
);
const number = fc.oneof(
  fc.integer(),
  fc.nat(),
  fc.double(),
  fc.constantFrom(-0, 2 ** 32 - 1, 2 ** 32, 8.64e15, 8.65e15, "1", null),
);

const facts = fc.record(
  {
    seq: number,
    session_id: id,
    window_id: fc.oneof(id, text(64), fc.constantFrom("a b", "é", "tab 1")),
    url: text(16_384),
    user: fc.oneof(
      fc.jsonValue(),
      fc.record({ id: fc.oneof(text(256), fc.integer()), email: text(256) }, { requiredKeys: [] }),
      fc.record({ id: fc.string(), plan: fc.jsonValue() }),
      fc.constant({ id: "7", trait: "x".repeat(17_000) }),
    ),
    sealed_at: number,
    sealed_through: number,
    dropped: fc.oneof(fc.jsonValue(), fc.array(fc.record({ from: fc.nat(), to: fc.nat(), reason: fc.string() }))),
    end: fc.oneof(fc.boolean(), fc.jsonValue()),
    sdk: text(64),
    release: text(128),
    environment: text(64),
    project_write_key: text(256),
    events: fc.constant(null),
    constructor: fc.jsonValue(),
    toString: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

/** As it comes out of JSON.parse: NaN and undefined do not, `__proto__` as a member does. */
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value) ?? "null");

it("takes what zod takes, and makes the same of it", () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: facts }, { weight: 1, arbitrary: fc.jsonValue() }), (value) => {
      const raw = asJson(value);
      const expected = Facts.safeParse(raw);
      const got = readFacts(raw);
      expect(got.ok).toBe(expected.success);
      if (!got.ok || !expected.success) return;
      const { events: _, ...facts } = got.value as Record<string, unknown>;
      expect(asJson(facts)).toEqual(asJson(expected.data));
    }),
    { numRuns: 3_000 },
  );
});

it.each(['{"__proto__":{"seq":7}}', '{"__proto__":null}', '{"seq":1,"hasOwnProperty":1}'])(
  "%s is nothing but members",
  (text) => {
    const read = readFacts(JSON.parse(text));
    expect(read).toMatchObject({ ok: true, value: { seq: text.includes('"seq":1') ? 1 : 0 } });
  },
);

it("names what is wrong, of the query as of the query", () => {
  expect(readFacts({ seq: -1 }, "?")).toMatchObject({ ok: false, rejection: { issues: [{ path: "?seq" }] } });
});
