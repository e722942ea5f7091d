import { describe, expect, it } from "vitest";
import { AUDIT_ACTIONS } from "#core/api/queries/audit.ts";
import { ACTIONS, actionInWords, detailInWords } from "./audit-words.ts";

describe("an entry of the audit log", () => {
  it("has words for every action that the API keeps", () => {
    expect(Object.keys(ACTIONS)).toEqual([...AUDIT_ACTIONS]);
    expect(actionInWords("something.newer")).toBe("something.newer");
  });

  it("says what it was about, and leaves out what is not known", () => {
    expect(detailInWords({ name: "checkout", old_prefix: "rrhog_w_abcd", by: null, note: "" })).toBe(
      "name checkout, old prefix rrhog_w_abcd",
    );
    expect(detailInWords({ changed: ["limits.retention_days", "recorder.privacy"] })).toBe(
      "changed limits.retention_days and recorder.privacy",
    );
    expect(detailInWords({})).toBe("");
  });
});
