import { describe, expect, it } from "vitest";
import { flagField, flagOrNull, inUnit, lines, numberOrNull, words } from "./fields.ts";

describe("a settings field", () => {
  it("holds several words, however they are parted", () => {
    expect(words("https://a.example, https://b.example\n\n https://c.example ")).toEqual([
      "https://a.example",
      "https://b.example",
      "https://c.example",
    ]);
    expect(words("  ")).toEqual([]);
  });

  it("holds lines, with what stands in them", () => {
    expect(lines("/checkout/*\r\n\n*/a, b*\n")).toEqual(["/checkout/*", "*/a, b*"]);
  });

  it("means no limit where it is empty, and keeps a number through its unit", () => {
    expect(numberOrNull(" ")).toBeNull();
    expect(numberOrNull("0")).toBe(0);
    expect(numberOrNull("2.5", 1e9)).toBe(2_500_000_000);
    expect(inUnit(null, 1e9)).toBe("");
    expect(inUnit(2_500_000_000, 1e9)).toBe("2.5");
    expect(inUnit(0.3, 0.01)).toBe("30");
  });

  it("is on, off, or left to the page", () => {
    expect(["on", "off", ""].map(flagOrNull)).toEqual([true, false, null]);
    expect([true, false, undefined].map(flagField)).toEqual(["on", "off", ""]);
  });
});
