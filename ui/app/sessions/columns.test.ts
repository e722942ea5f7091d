import { expect, it } from "vitest";
import { chosenColumns, layoutOf, USUAL_COLUMNS } from "./columns.ts";

it("columns are those that the browser was told, in the list's order, else the usual ones", () => {
  expect(chosenColumns(null)).toBe(USUAL_COLUMNS);
  expect(chosenColumns("rrhog_tz=UTC; rrhog_columns=started.release.of_old.way")).toEqual([
    "way",
    "release",
    "started",
  ]);
  expect(chosenColumns("rrhog_columns=")).toEqual([]);
  expect(layoutOf(["started", "activity"])).toEqual({ "--columns": "88px 5.75rem" });
});
