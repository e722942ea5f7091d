import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TranscriptItem, transcript } from "./transcript.ts";

const at = (at_ms: number, type: string, rest: Partial<TranscriptItem> = {}): TranscriptItem => ({
  at_ms,
  type,
  window_id: "a",
  page: "/checkout",
  ...rest,
});
const click = (at_ms: number, text = "Pay now", selector = "button#pay") => at(at_ms, "$click", { text, selector });
const request = (at_ms: number, text: string, duration_ms?: number) =>
  at(at_ms, "$request", { text, detail: { url: "https://shop.example/api", type: "fetch", duration_ms } });

const DECLINED = [
  at(0, "$pageview", { detail: { url: "https://shop.example/checkout", kind: "load", title: "Checkout" } }),
  at(20, "$web_vital", { text: "LCP 900 ms good" }),
  click(9_100),
  request(9_120, "POST /api/pay 402", 312),
  at(9_500, "$text_appeared", { text: "Card\n declined" }),
  at(9_900, "$rage_click", { text: "Pay now", selector: "button#pay", detail: { count: 6 } }),
  at(30_000, "voucher_applied", { detail: { code: "SPRING" } }),
];

describe("a transcript", () => {
  it("tells on one line what the visitor did and what it led to", () => {
    expect(transcript(DECLINED)).toBe(
      [
        "00:00 page /checkout “Checkout”",
        "00:09 click “Pay now” (button#pay) → POST /api/pay 402 312 ms → text “Card declined” appeared → rage click ×6",
        '00:30 event voucher_applied {"code":"SPRING"}',
        "",
      ].join("\n"),
    );
  });

  it("is the same in whatever order its items come", () => {
    const items = [...DECLINED, click(9_100, "Pay now", "button#other"), request(9_120, "GET /api/cart 200", 5)];
    const shuffled = fc.shuffledSubarray(items, { minLength: items.length });
    fc.assert(fc.property(shuffled, (anyOrder) => transcript(anyOrder) === transcript(items)));
  });

  it("takes the clicks of a rage click for one, and counts what they led to", () => {
    const times = [0, 200, 400, 600, 800];
    const items = [
      at(9_000, "$rage_click", { detail: { count: 5, duration_ms: 800 } }),
      ...times.flatMap((ms) => [click(9_000 + ms), request(9_010 + ms, "POST /api/pay 402", ms)]),
      click(9_900),
    ];
    expect(transcript(items)).toBe(
      [
        "00:09 click “Pay now” (button#pay) → POST /api/pay 402 ×5 → rage click ×5",
        "00:09 click “Pay now” (button#pay)",
        "",
      ].join("\n"),
    );
  });

  it("tells a click on a label once, that clicks its field too", () => {
    expect(transcript([click(1_000), click(1_004), click(1_100)]).match(/click/g)).toHaveLength(2);
  });

  it("gives a line of its own to what follows nothing, or only after ten seconds", () => {
    const items = [request(100, "GET /api/me 200"), click(1_000), request(11_001, "GET /api/late 500")];
    expect(transcript(items)).toBe(
      ["00:00 GET /api/me 200", "00:01 click “Pay now” (button#pay)", "00:11 GET /api/late 500", ""].join("\n"),
    );
  });

  it("marks what happened in other windows than the first, and keeps each window's outcomes to itself", () => {
    const items = [
      click(1_000),
      { ...click(1_100, "Help", "a.help"), window_id: "b" },
      request(1_200, "POST /api/pay 200"),
      { ...request(1_300, "GET /help 200"), window_id: "b" },
    ];
    expect(transcript(items)).toBe(
      [
        "00:01 click “Pay now” (button#pay) → POST /api/pay 200",
        "00:01 [2] click “Help” (a.help) → GET /help 200",
        "",
      ].join("\n"),
    );
  });

  it("tells errors, loud messages, what stayed dead, and who it is; not the console's chatter", () => {
    const items = [
      at(500, "$identify", { text: "u-7" }),
      click(1_000),
      at(1_001, "$error", { text: "TypeError: x is undefined", detail: { fingerprint: "f" } }),
      at(1_002, "$console", { text: "render", detail: { level: "log" } }),
      at(1_003, "$console", { text: "payment failed", detail: { level: "error" } }),
      at(3_500, "$dead_click"),
      at(3_600_000, "$form_abandoned", { selector: "form#pay" }),
    ];
    expect(transcript(items)).toBe(
      [
        "00:00 is u-7",
        "00:01 click “Pay now” (button#pay) → error “TypeError: x is undefined” → console.error “payment failed” → nothing happened",
        "1:00:00 form left unfinished (form#pay)",
        "",
      ].join("\n"),
    );
  });

  it("tells of the page's own files only those that failed", () => {
    const file = (at_ms: number, text: string, failed: boolean) =>
      at(at_ms, "$request", { text, detail: { type: "img", failed } });
    const items = [click(1_000), file(1_100, "GET /a.png 200", false), file(1_200, "GET /b.png 404", true)];
    expect(transcript(items)).toBe("00:01 click “Pay now” (button#pay) → GET /b.png 404\n");
  });

  it("counts what repeats, and is short about what has no end", () => {
    const many = Array.from({ length: 15 }, (_, n) => request(1_100 + n, `GET /api/${n} 200`));
    const [line] = transcript([
      click(1_000, "x".repeat(500)),
      request(1_010, "GET /poll 200"),
      request(1_020, "GET /poll 200"),
      ...many,
    ]).split("\n");
    expect(line).toMatch(
      /^00:01 click “x{119}…” \(button#pay\) → GET \/poll 200 ×2 → GET \/api\/0 200 → .* → … 4 more$/,
    );
  });

  it("is one line a thing, whatever is in the texts", () => {
    const text = fc.string({ unit: "binary" });
    const item = fc.record({
      at_ms: fc.integer({ min: -1_000, max: 90_000_000 }),
      type: fc.oneof(fc.constantFrom("$click", "$request", "$pageview", "$error", "$text_appeared"), fc.string()),
      window_id: fc.constantFrom("", "a", "b"),
      text,
      selector: text,
      page: text,
      detail: fc.dictionary(fc.string(), fc.jsonValue()),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 10 }), (items) => {
        const lines = transcript(items).split("\n");
        expect(lines.pop()).toBe("");
        for (const line of lines) expect(line).toMatch(/^-?(\d+:)?\d\d:\d\d /);
      }),
    );
  });
});
