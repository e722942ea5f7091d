import { describe, expect, it } from "vitest";
import { beginsLarge, fieldInWords } from "./field.ts";

describe("a field that was refused", () => {
  it.each([
    ["name", "name"],
    ["limits.requests_per_second", "requests per second"],
    ["limits.allowed_origins.1", "allowed origins, no. 2"],
    ["redaction.own.0.pattern", "own, no. 1, pattern"],
    ["hosts.0", "hosts, no. 1"],
    ["", ""],
  ])("%s is %s", (path, words) => expect(fieldInWords(path)).toBe(words));
});

describe("a sentence", () => {
  it("begins with a capital", () => {
    expect(beginsLarge("the last owner stays one")).toBe("The last owner stays one");
    expect(beginsLarge("")).toBe("");
  });
});
