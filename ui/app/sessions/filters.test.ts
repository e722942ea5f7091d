import { describe, expect, it } from "vitest";
import { filtersOnly } from "#core/api/queries/session-filters.ts";
import { KINDS, kindNamed } from "./filter-kinds.ts";
import { addressOf, apiFilters, chipsOf, filtersOf, isSameList, sessionsQuery, withFilter } from "./filters.ts";

const search = (text: string) => new URLSearchParams(text);
const told = (text: string) => filtersOf(search(text)).map(({ kind, value }) => `${kind.name}=${value}`);
const NOW = Date.parse("2026-03-17T15:00:00Z");

describe("filtersOf", () => {
  it("takes what can be, and leaves the rest as if it were not there", () => {
    expect(told("user= ada &country=de&longer=60&errors=true&plan=gold")).toEqual([
      "user=ada",
      "country=DE",
      "longer=60",
      "errors=true",
    ]);
    expect(told("user=&country=germany&longer=-1&errors=1&trait=plan&collection=7&from=soon")).toEqual([]);
  });

  it("takes several conditions, and those of an event only with it", () => {
    expect(told("trait=plan:eq:pro&trait=seats:gt:5&property=total:gte:100")).toEqual([
      "trait=plan:eq:pro",
      "trait=seats:gt:5",
    ]);
    expect(told("property=total:gte:100&event=bought")).toEqual(["property=total:gte:100", "event=bought"]);
  });
});

describe("the kinds", () => {
  it("are all the filters of the API, each once", () => {
    expect(KINDS.map(({ param }) => param).sort()).toEqual(Object.keys(filtersOnly.shape).sort());
  });

  it("read what is typed as people write it", () => {
    const read = (name: string, typed: string) => kindNamed(name)?.reads?.(typed);
    expect(["90", "90 s", "2 min", "1:30", "1 h"].map((typed) => read("longer", typed))).toEqual([
      "90",
      "90",
      "120",
      "90",
      "3600",
    ]);
    expect(read("longer", "long")).toBeNull();
    expect(["plan = pro", "total >= 100", "name~ada"].map((typed) => read("trait", typed))).toEqual([
      "plan:eq:pro",
      "total:gte:100",
      "name:contains:ada",
    ]);
    expect(read("trait", "total > much")).toBeNull();
  });
});

describe("sessionsQuery", () => {
  it("asks for seven days where no period stands in the address", () => {
    expect(sessionsQuery(search(""), NOW)).toEqual({ from: "2026-03-10T15:00:00.000Z" });
  });

  it("names each filter as the API does", () => {
    expect(sessionsQuery(search("bots=include&rage=true&failed=false&event=bought"), NOW)).toMatchObject({
      bots: "include",
      has_rage_clicks: "true",
      has_failed_requests: "false",
      event: "bought",
    });
    expect(sessionsQuery(search("period=24h&url=/pay&longer=60&errors=true&cursor=abc&sort=longest"), NOW)).toEqual({
      from: "2026-03-16T15:00:00.000Z",
      url: "/pay",
      min_duration_ms: "60000",
      has_errors: "true",
      sort: "longest",
      cursor: "abc",
    });
  });

  it("leaves the period aside where the address says from when", () => {
    expect(sessionsQuery(search("period=24h&from=2026-02-01&to=2026-02-02"), NOW)).toEqual({
      from: "2026-02-01",
      to: "2026-02-02",
    });
  });

  it("looks at a person, or a collection, over all time unless a period is chosen", () => {
    expect(sessionsQuery(search("person=ada"), NOW)).toEqual({ person: "ada" });
    expect(sessionsQuery(search("person=ada&period=24h"), NOW)).toMatchObject({ from: "2026-03-16T15:00:00.000Z" });
  });
});

describe("a segment", () => {
  it("keeps what the API takes, and leads back to the same list", () => {
    const list = search("period=24h&sort=longest&longer=60&trait=plan:eq:pro&trait=seats:gt:5&errors=false");
    const kept = apiFilters(filtersOf(list));
    expect(filtersOnly.safeParse(kept).success).toBe(true);
    expect(kept).toEqual({ min_duration_ms: "60000", trait: ["plan:eq:pro", "seats:gt:5"], has_errors: "false" });
    expect(isSameList(addressOf(kept as Record<string, string | string[]>), list)).toBe(true);
    expect(isSameList(search("errors=true"), list)).toBe(false);
  });
});

describe("withFilter", () => {
  it("puts one in another's place, or beside it where several may stand", () => {
    const filter = (name: string, value: string) => ({ kind: kindNamed(name) ?? expect.unreachable(), value });
    expect(withFilter(search("country=DE&cursor=abc"), filter("country", "US"))).toBe("?country=US");
    expect(withFilter(search("trait=a:eq:1"), filter("trait", "b:eq:2"))).toBe("?trait=a%3Aeq%3A1&trait=b%3Aeq%3A2");
  });
});

describe("chipsOf", () => {
  it("says each filter, and where one gets without it and from the list's beginning", () => {
    expect(chipsOf(search("period=24h&url=/pay&errors=true&cursor=abc"))).toEqual([
      { name: "url", words: "path contains /pay", without: "?period=24h&errors=true" },
      { name: "errors", words: "with errors", without: "?period=24h&url=%2Fpay" },
    ]);
  });

  it("takes an event's properties away with it, and one condition without the other", () => {
    expect(chipsOf(search("event=bought&property=total:gt:9&property=paid:eq:true")).map((c) => c.without)).toEqual([
      "?",
      "?event=bought&property=paid%3Aeq%3Atrue",
      "?event=bought&property=total%3Agt%3A9",
    ]);
  });
});
