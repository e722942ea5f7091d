import { describe, expect, it } from "vitest";
import { failureTitle } from "./failure-title.ts";

const answered = (status: number, data: unknown) => ({ status, statusText: "", internal: false, data });

describe("the title of a page that failed", () => {
  it("says what failed", () => {
    expect(failureTitle(answered(404, null))).toBe("Not found · rrHog");
    const away = { code: "api_unreachable", title: "The API does not answer" };
    expect(failureTitle(answered(503, away))).toBe("The API does not answer · rrHog");
    expect(failureTitle(new Error("no such thing"))).toBe("This page broke · rrHog");
  });
});
