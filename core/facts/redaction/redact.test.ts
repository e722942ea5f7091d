import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrayElements, type Slice } from "#protocol/json-scan.ts";
import { mayHoldCard } from "./candidates.ts";
import { compileRules, redactEvents, redactText, redactValue } from "./redact.ts";
import { RedactionRules } from "./rules.ts";

const CARD = "4111 1111 1111 1111";
const HIDDEN = "**** **** **** ****";
const CARDS = compileRules(RedactionRules.parse({}));
const ALL = compileRules(RedactionRules.parse({ emails: true, ibans: true, jwts: true, keys: true }));

/** The events' texts afterwards. */
function redacted(texts: readonly string[], rules = CARDS): string[] {
  const text = Buffer.from(`[${texts.join(",")}]`);
  const slices = arrayElements(text, { start: 0, end: text.byteLength }) as Slice[];
  const result = redactEvents(text, slices, rules);
  if (result === "too large") throw new Error(result);
  return (result?.slices ?? slices).map(({ start, end }) => (result?.text ?? text).toString("utf8", start, end));
}
const one = (event: object, rules = CARDS) => JSON.parse(redacted([JSON.stringify(event)], rules)[0] as string);

const TIME = 1_732_534_567_894;
const snapshot = (node: object) => ({ type: 2, timestamp: TIME, data: { node, initialOffset: { top: 0, left: 0 } } });
const change = (data: object) => ({ type: 3, timestamp: TIME, data });
const element = (tagName: string, attributes: object, ...childNodes: object[]) => ({
  type: 2,
  tagName,
  attributes,
  childNodes,
  id: 1,
});
const text = (textContent: string, more = {}) => ({ type: 3, textContent, id: 2, ...more });

describe("hostile input", () => {
  /** Whether it is looked through, where so many strings, objects and lists may be. */
  const isWithin = (valuesMax: number, ...texts: string[]) => {
    const bytes = Buffer.from(`[${texts.join(",")}]`);
    const slices = arrayElements(bytes, { start: 0, end: bytes.byteLength }) as Slice[];
    return redactEvents(bytes, slices, CARDS, valuesMax) !== "too large";
  };
  const told = (...payload: string[]) => `{"type":5,"timestamp":1,"data":{"tag":"t","payload":[${payload.join(",")}]}}`;
  const secret = `"${CARD}"`;

  it("costs nothing for its numbers, true, false and null: of an event's only its type is a value", () => {
    // The event, its type, data, tag, payload, and the secret.
    expect(isWithin(6, told(secret, ...Array(100_000).fill("1,true,false,null")))).toBe(true);
    expect(isWithin(5, told(secret))).toBe(false);
    const members = Array.from({ length: 100_000 }, (_, i) => `"n${i}":1`).join(",");
    expect(isWithin(7, told(secret, `{${members}}`))).toBe(true);
    expect(isWithin(6, told(secret, `{${members}}`))).toBe(false);
  });

  it("costs for strings without a secret about the same with every rule as with one", () => {
    const bytes = Buffer.from(`[${told(secret, '"ada@shop.test"', Array(300_000).fill('"x"').join())}]`);
    const slices = arrayElements(bytes, { start: 0, end: bytes.byteLength }) as Slice[];
    const took = (rules: typeof ALL) => {
      const start = performance.now();
      redactEvents(bytes, slices, rules);
      return performance.now() - start;
    };
    const least = (rules: typeof ALL) => Math.min(...[1, 2, 3, 4, 5].map(() => took(rules)));
    expect(least(ALL) / least(CARDS)).toBeLessThan(5);
  });

  it.each(['""', "{}", "[]", '{"id":1}'])("is not looked through beyond so many values: %s", (value) => {
    expect(isWithin(1_000, told(secret, ...Array(400).fill(value)))).toBe(true);
    expect(isWithin(1_000, told(secret, ...Array(1_000).fill(value)))).toBe(false);
  });

  it("is counted over all events of a batch that may hold something, each time that they are looked through", () => {
    expect(isWithin(12, told(secret), told(secret), told("1", '"a"', '"b"'))).toBe(true);
    expect(isWithin(11, told(secret), told(secret))).toBe(false);
    const typed = [CARD.slice(0, 7), CARD].map((value) =>
      JSON.stringify(change({ source: 5, id: 7, text: value, isChecked: false })),
    );
    // Six each: the whole number once, and then again with its beginning.
    expect(isWithin(18, ...typed)).toBe(true);
    expect(isWithin(17, ...typed)).toBe(false);
  });

  it("goes by the last of a name that comes twice, be it a number or null", () => {
    const page = (more: string) =>
      `{"type":2,"timestamp":1,"data":{"node":{"type":2,"tagName":"b","attributes":{},"childNodes":[${[
        "4111",
        "1111",
        "1111",
        "1111",
      ]
        .map((group) => `{"type":3,"textContent":"${group}","id":2${more}}`)
        .join(",")}],"id":1}}}`;
    expect(redacted([page("")])[0]).toContain('"textContent":"****"');
    expect(redacted([page(',"textContent":null')])).toEqual([page(',"textContent":null')]);
    const style = `{"type":2,"timestamp":1,"data":{"node":{"type":3,"textContent":${secret},"isStyle":true,"isStyl\\u0065":false}}}`;
    expect(redacted([style])[0]).toContain(HIDDEN);
  });

  it("is masked however much of it there is: each character of a text of addresses", () => {
    const addresses = "ada@shop.test ".repeat(20_000);
    const [event] = redacted([JSON.stringify(snapshot(element("p", {}, text(addresses))))], ALL);
    expect(JSON.parse(event as string).data.node.childNodes[0].textContent).toMatch(/^(?:[*@. ])+$/);
  });

  it("is looked through once, however many numbers one field has had", { timeout: 180_000 }, () => {
    const issued = Array.from({ length: 20_000 }, (_, i) => cardNumber(i));
    const typed = [...issued, ...Array.from({ length: 20_000 }, () => "9")];
    const events = typed.map((value) => JSON.stringify(change({ source: 5, id: 7, text: value, isChecked: false })));
    const texts = redacted(events).map((event) => JSON.parse(event).data.text as string);
    expect(texts.slice(0, 20_000).every((value) => /^\*{16}$/.test(value))).toBe(true);
    expect(new Set(texts.slice(20_000))).toEqual(new Set(["9"]));
  });
});

/** A Visa number of its own, by Luhn (ISO/IEC 7812-1). */
function cardNumber(n: number): string {
  const body = `4${String(n).padStart(14, "0")}`;
  const sum = [...body].reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

describe("a card number is hidden", () => {
  it.each<[string, (secret: string) => object]>([
    ["in text", (secret) => snapshot(element("p", {}, text(`Card ${secret}`)))],
    [
      "in attributes that people see",
      (secret) =>
        snapshot(
          element("img", { alt: secret, title: secret, "aria-label": secret, placeholder: secret, value: secret }),
        ),
    ],
    ["in addresses of a page", (secret) => snapshot(element("a", { href: `/pay?card=${secret}` }))],
    [
      "in what is added later",
      (secret) =>
        change({
          source: 0,
          adds: [{ parentId: 1, nextId: null, node: element("b", { title: secret }, text(secret)) }],
        }),
    ],
    ["in text that changes", (secret) => change({ source: 0, texts: [{ id: 7, value: `Card: ${secret}` }] })],
    [
      "in attributes that change",
      (secret) => change({ source: 0, attributes: [{ id: 7, attributes: { value: secret } }] }),
    ],
    ["in what is typed", (secret) => change({ source: 5, text: secret, isChecked: false, id: 7 })],
    [
      "in the page's address",
      (secret) => ({ type: 4, timestamp: TIME, data: { href: `https://shop.test/?c=${secret}`, width: 1 } }),
    ],
    [
      "in navigations",
      (secret) => ({
        type: 5,
        timestamp: TIME,
        data: { tag: "rrhog.navigation", payload: { href: secret, title: secret } },
      }),
    ],
    [
      "on the console",
      (secret) => ({
        type: 6,
        timestamp: TIME,
        data: { plugin: "rrweb/console@1", payload: { level: "log", trace: [], payload: [`"${secret}"`] } },
      }),
    ],
    [
      "in requests",
      (secret) => ({
        type: 6,
        timestamp: TIME,
        data: {
          plugin: "rrweb/network@1",
          payload: { requests: [{ url: `/a?b=${secret}`, requestBody: `{"pan":"${secret}"}` }] },
        },
      }),
    ],
    [
      "in what a canvas says",
      (secret) => change({ source: 9, id: 3, commands: [{ property: "fillText", args: [secret, 1, 2] }] }),
    ],
    [
      "in what no version of rrweb that is known here says",
      (secret) => ({ type: 42, timestamp: TIME, data: [[secret]] }),
    ],
  ])("%s", (_, event) => {
    expect(one(event(CARD))).toEqual(event(HIDDEN));
  });

  it("where each group has an element of its own", () => {
    const number = (...groups: string[]) =>
      snapshot(element("div", { class: "number" }, ...groups.map((group) => element("span", {}, text(group)))));
    expect(one(number("4111", "1111", "1111", "1111"))).toEqual(number("****", "****", "****", "****"));
    const cells = snapshot(
      element("tr", {}, ...["4111", "1111", "1111", "1111"].map((cell) => element("td", {}, text(cell)))),
    );
    expect(one(cells)).toEqual(cells);
  });

  it("also as it is typed, of which the last step tells the rest", () => {
    const typed = (value: string, id = 7) => change({ source: 5, text: value, isChecked: false, id });
    const steps = ["4", "4111 11", "4111 1111 1111 111", CARD, ""];
    expect(
      redacted([...steps.map((step) => typed(step)), typed("4", 8)].map((event) => JSON.stringify(event))).map(
        (event) => JSON.parse(event).data.text,
      ),
    ).toEqual(["*", "**** **", "**** **** **** ***", HIDDEN, "", "4"]);
    expect(one(typed("4111 1111 1111 11"))).toEqual(typed("**** **** **** **"));
  });
});

describe("what is for programs stays", () => {
  it.each<[string, object]>([
    ["times and numbers", { type: 3, timestamp: TIME, data: { source: 9, amount: 4111111111111111 } }],
    ["a time as text", snapshot(element("time", { datetime: String(TIME) }, text(String(TIME))))],
    ["ids and classes", snapshot(element("p", { id: CARD, class: CARD, "data-id": CARD, style: CARD, for: CARD }))],
    ["style sheets", snapshot(element("style", { _cssText: CARD }, text(CARD)))],
    ["older recorders' style sheets", snapshot(text(CARD, { isStyle: true }))],
    ["styles that change", change({ source: 0, attributes: [{ id: 1, attributes: { style: { content: CARD } } }] })],
    ["rules that scripts insert", change({ source: 8, id: 1, adds: [{ rule: CARD }] })],
    ["adopted sheets", change({ source: 15, id: 1, styles: [{ styleId: 1, rules: [{ rule: CARD }] }] })],
    ["data: addresses", snapshot(element("img", { src: `data:image/svg+xml,${CARD}` }))],
    ["names of members", { type: 5, timestamp: TIME, data: { tag: "t", payload: { "4111111111111111": true } } }],
    ["drawings", snapshot(element("path", { d: "M4111 1111 1111 1111" }))],
  ])("%s", (_, event) => {
    expect(one(event)).toEqual(event);
  });
});

describe("bytes that are not to be hidden stay as they were sent", () => {
  it("numbers, order, blanks and escapes beside what is hidden", () => {
    const sent = String.raw`{ "timestamp":1e3, "type":5,"data":{"z":1.0,"2":12345678901234567890,"t":"\u0041\ud83d\ude00 4111\u00201111 11\u00311 1111\n😀","a":-0} }`;
    expect(redacted([sent])).toEqual([
      String.raw`{ "timestamp":1e3, "type":5,"data":{"z":1.0,"2":12345678901234567890,"t":"\u0041\ud83d\ude00 ****\u0020**** **** ****\n😀","a":-0} }`,
    ]);
  });

  const recordings = ["api-explorer", "staff-table"].map((name) =>
    gunzipSync(readFileSync(new URL(`../../../test/recordings/${name}.json.gz`, import.meta.url))),
  );
  it("and all of real recordings without secrets, by every rule", () => {
    for (const recording of recordings) {
      const slices = arrayElements(recording, { start: 0, end: recording.byteLength }) as Slice[];
      expect(slices.length).toBeGreaterThan(10);
      expect(redactEvents(recording, slices, CARDS)).toBeNull();
    }
  });

  /** Texts in which numbers lie in all ways of writing, and what merely looks like them. */
  const separators = fc.constantFrom("", " ", "-", "\u00a0", "\u2009", "%20", "+", "&nbsp;");
  const number = fc
    .tuple(
      fc.constantFrom(
        "4111111111111111",
        "378282246310005",
        "30569309025904",
        "4111111111111112",
        "6205500000000000004",
      ),
      separators,
    )
    .map(([digits, separator]) => (digits.match(/.{1,4}/g) as string[]).join(separator));
  const around = fc.oneof(
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.constantFrom(" ", "=", "%3D", "\\n", "ada@shop.test", "DE89370400440532013000", "1.", "-"),
  );
  const texts = fc.array(fc.oneof(number, around), { maxLength: 5 }).map((parts) => parts.join(""));
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      texts,
      fc.double(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(texts, tie("value"), { maxKeys: 3 }),
    ),
  })).value;
  /** The same text in JSON, with each nth digit and blank as an escape. */
  const written = (value: string, nth: number) =>
    `"${value
      .split("")
      .map((unit, i) =>
        i % nth === 0 && /[0-9 \u00a0]/.test(unit) ? unitEscape(unit) : JSON.stringify(unit).slice(1, -1),
      )
      .join("")}"`;
  const unitEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const shape = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shape);
    if (typeof value === "object" && value !== null)
      return Object.entries(value).map(([name, inner]) => [name, shape(inner)]);
    return typeof value === "string" ? "text" : value;
  };

  it("the structure is the same, and a second time finds nothing, whatever the text", () => {
    fc.assert(
      fc.property(values, (payload) => {
        const event = { type: 5, timestamp: 1, data: { tag: "t", payload } };
        const [once] = redacted([JSON.stringify(event)], ALL) as [string];
        expect(shape(JSON.parse(once))).toEqual(shape(JSON.parse(JSON.stringify(event))));
        expect(redacted([once], ALL)).toEqual([once]);
      }),
      { numRuns: 300 },
    );
  });

  it("it does not matter how a character is written in JSON", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 9 }), (value, nth) => {
        const payload = value.toWellFormed();
        const sent = `{"type":5,"timestamp":1,"data":{"tag":"t","payload":${written(payload, nth)}}}`;
        const event = { type: 5, timestamp: 1, data: { tag: "t", payload: redactText(payload, CARDS).text } };
        expect(JSON.parse(redacted([sent])[0] as string)).toEqual(event);
      }),
      { numRuns: 500 },
    );
  });

  it("what is found in many texts is what is found in each alone, by every rule", () => {
    // Each of the signs by which the rules are asked at all, whole and in parts, beside what they find.
    const signs = fc.constantFrom(
      ...["ada@shop.test", "ada%40shop.test", "@", "%40", "DE89370400440532013000", "DE89 3704 0044 0532 0130 00"],
      ...["GB29", "eyJ", `eyJ${"a".repeat(9)}.${"b".repeat(5)}.c`, "sk-", `sk-${"k".repeat(24)}`, "npm_", "_live_"],
      ...["sk_live_0123456789", "AKIA", "AKIA0123456789ABCDEF", "-----BEGIN PRIVATE KEY-----MIIE", "4111111111111111"],
      ...['"', "\\", " ", ".", "x", "\n", "é", "😮", ""],
    );
    const strings = fc.array(
      fc.oneof(
        signs,
        fc.array(fc.oneof(signs, around, number), { maxLength: 4 }).map((parts) => parts.join("")),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(fc.array(strings, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (batch, nth) => {
        const payloads = batch.map((texts) => texts.map((value) => value.toWellFormed()));
        const sent = payloads.map(
          (texts) =>
            `{"type":5,"timestamp":1,"data":{"tag":"t","payload":[${texts.map((value) => written(value, nth))}]}}`,
        );
        const alone = payloads.map((texts) => texts.map((value) => redactText(value, ALL).text));
        expect(redacted(sent, ALL).map((event) => JSON.parse(event).data.payload)).toEqual(alone);
      }),
      { numRuns: 1_000 },
    );
  });

  it("skipping through bytes misses nothing that reading all would find", () => {
    fc.assert(
      fc.property(texts, fc.nat(8), (value, shift) => {
        const bytes = Buffer.from(JSON.stringify(`${"x".repeat(shift)}${value}`));
        const found = redactText(`${"x".repeat(shift)}${value}`, CARDS).counts.card ?? 0;
        if (found > 0) expect(mayHoldCard(bytes, 0, bytes.byteLength)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("values that are stored as values", () => {
  it("are redacted in all their strings, and nothing else of them", () => {
    const props = {
      card: CARD,
      deep: [{ note: `a ${CARD}`, n: 4111111111111111, big: 2n ** 60n, none: null }],
      [CARD]: 1,
    };
    expect(redactValue(props, CARDS)).toEqual({
      value: {
        card: HIDDEN,
        deep: [{ note: `a ${HIDDEN}`, n: 4111111111111111, big: 2n ** 60n, none: null }],
        [CARD]: 1,
      },
      counts: { card: 2 },
    });
  });
});
