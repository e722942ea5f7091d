import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SessionAttempt, type SessionPageView, sessionFacts } from "./session-facts.ts";

const NOON = Date.UTC(2026, 10, 23, 12);
const claim = { first_received_at: NOON, clock_offset_ms: 0 };

/** Ten seconds of ten events each, one batch after the other. */
function attempt(seq: number, facts: Partial<SessionAttempt> = {}): SessionAttempt {
  return {
    window_id: "w1",
    seq,
    batch_id: `batch-${seq}`,
    received_at: NOON + (seq + 1) * 10_000,
    durable: "stream",
    sealed_through: null,
    dropped: [],
    is_end: false,
    first_ts: NOON + seq * 10_000,
    last_ts: NOON + (seq + 1) * 10_000,
    event_count: 10,
    events_bytes: 1_000,
    url: "https://shop.test/",
    user_id: null,
    user_email: null,
    user_agent: "",
    country: "",
    release: "",
    environment: "",
    click_count: 2,
    error_count: 0,
    console_error_count: 0,
    request_failed_count: 0,
    ...facts,
  };
}
const view = (n: number, path: string, kind = "load"): SessionPageView => ({
  window_id: "w1",
  ts: NOON + n * 1_000,
  url: `https://shop.test${path}`,
  props: { kind },
});
const factsOf = (attempts: SessionAttempt[], pageViews: SessionPageView[] = []) =>
  sessionFacts({ claim, attempts, pageViews, rejected: [], internalHosts: ["*.intra.test"] }, NOON + 60_000);

describe("the facts of a session", () => {
  it("are none before a batch is loaded", () => {
    expect(factsOf([])).toBeNull();
  });

  it("count each batch once, however often it came", () => {
    const attempts = [attempt(0), attempt(0, { received_at: NOON + 99_000 }), attempt(1)];
    expect(factsOf(attempts)).toMatchObject({
      batch_count: 2,
      event_count: 20,
      events_bytes: 2_000,
      window_count: 1,
      last_received_at: NOON + 99_000,
    });
  });

  it("have their times from the client's clock, corrected by the claim", () => {
    const skewed = { first_received_at: NOON, clock_offset_ms: 3_600_000 };
    const facts = sessionFacts(
      { claim: skewed, attempts: [attempt(0), attempt(3)], pageViews: [], rejected: [], internalHosts: [] },
      NOON,
    );
    expect(facts).toMatchObject({ started_at: NOON + 3_600_000, ended_at: NOON + 3_640_000 });
  });

  it("list pages in the order of the visit, and leave checkouts out of the count", () => {
    const views = [view(0, "/"), view(5, "/cart?x=1"), view(6, "/cart?x=1", "snapshot"), view(9, "/", "push")];
    expect(factsOf([attempt(0)], views)).toMatchObject({
      pageview_count: 3,
      paths: ["/", "/cart"],
      first_url: "https://shop.test/",
      last_url: "https://shop.test/",
    });
  });

  it("go by the addresses of the batches where the recording tells none", () => {
    const attempts = [attempt(0), attempt(1, { url: "" }), attempt(2, { url: "https://shop.test/cart" })];
    expect(factsOf(attempts)).toMatchObject({
      paths: ["/", "/cart"],
      last_url: "https://shop.test/cart",
      pageview_count: 0,
    });
  });

  it("name the person by the site's latest word, with that person's own address", () => {
    const attempts = [
      attempt(0, { user_email: "guest@shop.test" }),
      attempt(1, { user_id: "ann", user_email: "ann@shop.test" }),
      attempt(2, { user_id: "bob" }),
      attempt(3),
    ];
    expect(factsOf(attempts)).toMatchObject({ user_id: "bob", user_email: null });
    expect(factsOf(attempts.slice(0, 2))).toMatchObject({ user_id: "ann", user_email: "ann@shop.test" });
    expect(factsOf(attempts.slice(0, 1))).toMatchObject({ user_id: null, user_email: "guest@shop.test" });
  });

  it("list everybody whom a batch names, the latest first, each with their own address and time", () => {
    const attempts = [
      attempt(0),
      attempt(1, { user_id: "ann", user_email: "ann@shop.test" }),
      attempt(2, { user_id: "ann" }),
      attempt(3, { user_id: "bob" }),
      attempt(1, { user_id: "ann", user_email: "ann@shop.test", received_at: NOON + 99_000 }),
    ];
    expect(factsOf(attempts)?.people).toEqual([
      { user_id: "bob", email: null, first_at: NOON + 30_000, last_at: NOON + 40_000 },
      { user_id: "ann", email: "ann@shop.test", first_at: NOON + 10_000, last_at: NOON + 30_000 },
    ]);
    const madeUp = Array.from({ length: 150 }, (_, seq) => attempt(seq, { user_id: `u${seq}` }));
    expect(factsOf(madeUp)?.people).toHaveLength(100);
    expect(factsOf(madeUp)?.people[0]).toMatchObject({ user_id: "u149" });
  });

  it("tell browser, system and device", () => {
    const user_agent =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148 Safari/604.1";
    expect(factsOf([attempt(0, { user_agent, country: "DE" })])).toMatchObject({
      ua: user_agent,
      browser: "Safari",
      os: "iOS",
      device: "mobile",
      country: "DE",
    });
    expect(factsOf([attempt(0)])).toMatchObject({ ua: null, browser: null, os: null, device: null, country: null });
  });

  it("add up what each batch tells, copies apart", () => {
    const counts = { error_count: 1, console_error_count: 2, request_failed_count: 3 };
    const attempts = [attempt(0, counts), attempt(0, { ...counts, received_at: NOON + 99_000 }), attempt(1, counts)];
    expect(factsOf(attempts)).toMatchObject({
      click_count: 4,
      error_count: 2,
      console_error_count: 4,
      request_failed_count: 6,
    });
  });

  it("have the site's version as it was told last", () => {
    const attempts = [
      attempt(0, { release: "1", environment: "production" }),
      attempt(1, { release: "2" }),
      attempt(2),
    ];
    expect(factsOf(attempts)).toMatchObject({ release: "2", environment: "production" });
    expect(factsOf([attempt(0)])).toMatchObject({ release: null, environment: null });
  });

  it("say whether it was a crawler, or the site's makers, by where it began", () => {
    const user_agent = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)";
    expect(factsOf([attempt(0, { user_agent })])).toMatchObject({ bot: "crawler", is_internal: false });
    const views = [view(0, "/"), { ...view(1, "/"), url: "http://localhost:5173/" }];
    expect(factsOf([attempt(0)], views)).toMatchObject({ bot: null, is_internal: false });
    expect(
      factsOf(
        [attempt(0)],
        views.toReversed().map((v, n) => ({ ...v, ts: n })),
      ),
    ).toMatchObject({ is_internal: true });
    expect(factsOf([attempt(0, { url: "https://wiki.intra.test/" })])).toMatchObject({ is_internal: true });
  });

  it("say of completeness what the ledger says", () => {
    expect(factsOf([attempt(0), attempt(2)])).toMatchObject({ complete: false, incomplete_why: "missing" });
    expect(factsOf([attempt(0, { is_end: true })])).toMatchObject({ complete: true, incomplete_why: null });
    expect(factsOf([attempt(0, { window_id: "" })])).toMatchObject({ complete: null, incomplete_why: null });
  });
});

describe("the activity of a session", () => {
  it("shows the quiet stretch between two busy ones", () => {
    const facts = factsOf([attempt(0), attempt(3)]);
    expect(facts?.activity).toHaveLength(40);
    expect(facts?.activity.slice(10, 30)).toEqual(Array.from({ length: 20 }, () => 0));
  });

  it("has one stretch where all happened at once", () => {
    expect(factsOf([attempt(0, { last_ts: NOON })])?.activity).toEqual([10]);
  });

  it("adds up to the session's events", () => {
    const batch = fc.record({
      from: fc.nat(1_000_000),
      length: fc.nat(100_000),
      event_count: fc.integer({ min: 1, max: 500 }),
    });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 30 }), (batches) => {
        const attempts = batches.map(({ from, length, event_count }, seq) =>
          attempt(seq, { first_ts: NOON + from, last_ts: NOON + from + length, event_count }),
        );
        const facts = factsOf(attempts);
        expect(facts?.activity.length).toBeLessThanOrEqual(40);
        expect(facts?.activity.every((events) => events >= 0)).toBe(true);
        expect(facts?.activity.reduce((sum, events) => sum + events, 0)).toBe(facts?.event_count);
      }),
    );
  });
});

it("does not depend on the order of anything that came", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (order) => {
      const attempts = order.map((seq) => attempt(seq, { user_id: `u${seq}`, country: `C${seq}` }));
      expect(factsOf(attempts)).toEqual(
        factsOf([0, 1, 2, 3, 4].map((seq) => attempt(seq, { user_id: `u${seq}`, country: `C${seq}` }))),
      );
    }),
  );
});
