import { describe, expect, it } from "vitest";
import { apiFilters, filtersOf } from "../sessions/filters.ts";
import { sessionsOfPage } from "./sessions-of-page.ts";

const asked = (path: string, search = "") => {
  const { pathname, searchParams } = new URL(sessionsOfPage(path, 7, new URLSearchParams(search)), "http://h");
  return { pathname, period: searchParams.get("period"), filters: apiFilters(filtersOf(searchParams)) };
};

describe("the sessions of a page", () => {
  it("are those that visited it, not those of pages whose path contains its own", () => {
    expect(asked("/").filters).toMatchObject({ path: "/" });
    expect(asked("/checkout").filters).toMatchObject({ path: "/checkout" });
    expect(asked("/a b&c").filters).toMatchObject({ path: "/a b&c" });
  });

  it("are all that the page is counted with, crawlers and own visits too", () => {
    expect(asked("/").filters).toEqual({ path: "/", bots: "include", internal: "include" });
  });

  it("are those of the same period", () => {
    expect(asked("/", "period=24h")).toMatchObject({ pathname: "/projects/7/sessions", period: "24h" });
    expect(asked("/").period).toBeNull();
  });
});
