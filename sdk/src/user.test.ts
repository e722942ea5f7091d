import { describe, expect, it } from "vitest";
import { recordedUser } from "./user.ts";

describe("the recorded user", () => {
  it("is who the site says, with all traits", () => {
    const traits = { email: "ada@example.com", plan: "pro", tags: ["a"] };
    expect(recordedUser("ada", traits)).toEqual({ id: "ada", ...traits });
  });

  it("never is what the edge refuses, since that would cost every batch", () => {
    expect(recordedUser("i".repeat(300), { email: "e".repeat(300) })).toEqual({
      id: "i".repeat(256),
      email: "e".repeat(256),
    });
    expect(recordedUser("ada", { email: 7, plan: "pro" })).toEqual({ id: "ada", plan: "pro" });
    expect(recordedUser("ada", { email: "a@b.test", note: "n".repeat(17_000) })).toMatchObject({
      id: "ada",
      email: "a@b.test",
    });
    expect(recordedUser("ada", { note: "n".repeat(17_000) })).not.toHaveProperty("note");
    const tree = JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`);
    expect(recordedUser("ada", { plan: "pro", tree })).toEqual({ id: "ada", email: undefined });
  });

  it("needs no traits", () => {
    expect(recordedUser("ada", undefined)).toEqual({ id: "ada" });
    expect(recordedUser("ada", null)).toEqual({ id: "ada" });
  });

  it("leaves out traits that JSON cannot tell", () => {
    const loop: Record<string, unknown> = { email: "a@b.test" };
    loop.self = loop;
    expect(recordedUser("ada", loop)).toEqual({ id: "ada", email: "a@b.test" });
    expect(recordedUser("ada", { sum: 1n })).toEqual({ id: "ada", email: undefined });
  });
});
