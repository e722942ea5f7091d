import { expect, it } from "vitest";
import * as z from "zod";
import { EDGE_PATHS, pathsAreApart } from "./edge-paths.ts";

const Settings = z.object(EDGE_PATHS).superRefine(pathsAreApart);
const wrong = (settings: Record<string, string>) =>
  Settings.safeParse(settings).error?.issues.map(({ path }) => path.join("."));

it("are the usual ones, or whatever is free", () => {
  expect(Settings.parse({})).toEqual({ INGEST_PATH: "/i", EVENTS_PATH: "/e", SCRIPT_PATH: "/rrhog.js" });
  expect(wrong({ INGEST_PATH: "/rr/collect", EVENTS_PATH: "/rr/note", SCRIPT_PATH: "/rr/page.js" })).toBeUndefined();
});

it.each([
  ["a path that is none", { INGEST_PATH: "collect" }, "INGEST_PATH"],
  ["one that ends with a slash", { EVENTS_PATH: "/e/" }, "EVENTS_PATH"],
  ["another's usual name", { INGEST_PATH: "/e" }, "INGEST_PATH"],
  ["what has one name alone", { SCRIPT_PATH: "/healthz" }, "SCRIPT_PATH"],
  ["one name for two", { INGEST_PATH: "/a", EVENTS_PATH: "/a" }, "EVENTS_PATH"],
])("%s is refused by the setting's name", (_, settings, name) => {
  expect(wrong(settings)).toEqual([name]);
});
