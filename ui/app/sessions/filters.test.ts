import { describe, expect, it } from "vitest";
import { chipsOf, filtersOf, sessionsQuery } from "./filters.ts";

const search = (text: string) => new URLSearchParams(text);
const NOW = Date.parse("2026-03-17T15:00:00Z");

describe("filtersOf", () => {
  it("takes what can be, and leaves the rest as if it were not there", () => {
    expect(filtersOf(search("user= ada &country=de&longer=60&errors=true&plan=gold"))).toEqual({
      user: "ada",
      country: "DE",
      longer: "60",
      errors: "true",
    });
    expect(filtersOf(search("user=&country=germany&longer=-1&errors=1"))).toEqual({});
  });
});

describe("sessionsQuery", () => {
  it("asks for seven days where no period stands in the address", () => {
    expect(sessionsQuery(search(""), NOW)).toEqual({ from: "2026-03-10T15:00:00.000Z" });
  });

  it("names each filter as the API does", () => {
    expect(sessionsQuery(search("hidden=include&rage=true&failed=true&event=bought"), NOW)).toMatchObject({
      bots: "include",
      internal: "include",
      has_rage_clicks: "true",
      has_failed_requests: "true",
      event: "bought",
    });
    expect(sessionsQuery(search("period=24h&url=/pay&longer=60&errors=true&cursor=abc"), NOW)).toEqual({
      from: "2026-03-16T15:00:00.000Z",
      url: "/pay",
      min_duration_ms: "60000",
      has_errors: "true",
      cursor: "abc",
    });
  });
});

describe("chipsOf", () => {
  it("says each filter, and where one gets without it and from the list's beginning", () => {
    expect(chipsOf(search("period=24h&url=/pay&errors=true&cursor=abc"))).toEqual([
      { name: "url", words: "path contains /pay", without: "?period=24h&errors=true" },
      { name: "errors", words: "with errors", without: "?period=24h&url=%2Fpay" },
    ]);
  });
});
