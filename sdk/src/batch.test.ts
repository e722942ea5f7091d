import { describe, expect, it } from "vitest";
import { readFramedFacts } from "../../edge/framed-batch.ts";
import { JsonBatch } from "../../protocol/batch.ts";
import { type BatchFacts, draft, QUERY_LENGTH_MAX } from "./batch.ts";

const SESSION = "0195a000-0000-7000-8000-000000000001";

function facts(members: Partial<BatchFacts> = {}): BatchFacts {
  return {
    sessionId: SESSION,
    windowId: "w",
    seq: 7,
    sealedAt: 1_800_000_000_000,
    sealedThrough: 8,
    url: "https://shop.test/a?b=c d&e=é#f",
    user: undefined,
    release: undefined,
    environment: undefined,
    dropped: [],
    end: false,
    ...members,
  };
}

/** By the edge's own reader. */
function readByEdge(query: string | undefined): unknown {
  return readFramedFacts(Object.fromEntries(new URLSearchParams(query)));
}

function queried(members: Partial<BatchFacts>): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(draft(facts(members), ["{}"]).query));
}

describe("a draft", () => {
  it("has the facts in the query and the events alone in the body", () => {
    const { query, parts } = draft(facts(), ['{"type":4}', '{"type":2}']);
    expect(parts.join("")).toBe('[{"type":4},{"type":2}]');
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
      seq: "7",
      session_id: SESSION,
      window_id: "w",
      url: "https://shop.test/a?b=c d&e=é#f",
      sealed_at: "1800000000000",
      sealed_through: "8",
      sdk: "@rrhog/browser 0.1.0",
    });
  });

  it("tells user, dropped and end where there are any", () => {
    const user = { id: "ada", plan: "π & more" };
    const dropped = [{ from: 1, to: 2, reason: "too_large" }];
    const query = queried({ user, dropped, end: true });
    expect(JSON.parse(query.user ?? "")).toEqual(user);
    expect(JSON.parse(query.dropped ?? "")).toEqual(dropped);
    expect(query.end).toBe("1");
  });

  it("is read by the edge as what it is", () => {
    const members = { user: { id: "ada", plan: "π & more" }, dropped: [{ from: 1, to: 2, reason: "too_large" }] };
    expect(readByEdge(draft(facts({ ...members, end: true }), ["{}"]).query)).toEqual({
      ok: true,
      value: {
        seq: 7,
        session_id: SESSION,
        window_id: "w",
        url: "https://shop.test/a?b=c d&e=é#f",
        sealed_at: 1_800_000_000_000,
        sealed_through: 8,
        sdk: "@rrhog/browser 0.1.0",
        end: true,
        ...members,
      },
    });
  });

  it.each([
    ["its hash", `https://shop.test/a?b=1#${"h".repeat(3_000)}`, "https://shop.test/a?b=1"],
    ["its query", `https://shop.test/a?${"q%20".repeat(1_000)}#h`, "https://shop.test/a"],
    ["its end", `https://shop.test/${"%C3%A9".repeat(3_000)}`, `https://shop.test/${"%C3%A9".repeat(163)}%C3%`],
  ])("leaves out of a long address %s", (_, url, shorter) => {
    expect(queried({ url }).url).toBe(shorter);
    expect(draft(facts({ url }), ["{}"]).query?.length).toBeLessThan(QUERY_LENGTH_MAX);
  });

  it("bears an address that was cut within a character", () => {
    const half = "https://shop.test/\ud83d";
    expect(queried({ url: `${half}?q=\ud83d\ude00` }).url).toBe("https://shop.test/?q=\ud83d\ude00");
    const { parts } = draft(facts({ url: half, user: { id: "ada", note: "n".repeat(8_000) } }), ["{}"]);
    expect(JSON.parse(parts.join("")).url).toBe("https://shop.test/");
  });

  it.each([
    ["user", { user: { id: "ada", note: "n".repeat(8_000) } }],
    ["dropped", { dropped: Array.from({ length: 300 }, (_, i) => ({ from: 2 * i, to: 2 * i, reason: "too_old" })) }],
  ])("is in the JSON format where no query can hold its %s", (_, members) => {
    const url = `https://shop.test/?${"q".repeat(5_000)}`;
    const events = ['{"type":4,"timestamp":1}', '{"type":2,"timestamp":2}'];
    const { query, parts } = draft(facts({ ...members, url }), events);
    expect(query).toBeUndefined();
    expect(JsonBatch.safeParse(JSON.parse(parts.join(""))).error).toBeUndefined();
    expect(JSON.parse(parts.join(""))).toEqual({
      seq: 7,
      session_id: SESSION,
      window_id: "w",
      url,
      sealed_at: 1_800_000_000_000,
      sealed_through: 8,
      sdk: "@rrhog/browser 0.1.0",
      ...members,
      events: [
        { type: 4, timestamp: 1 },
        { type: 2, timestamp: 2 },
      ],
    });
  });
});
