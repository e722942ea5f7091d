import { afterAll, beforeAll, expect, test } from "vitest";
import { toCursor } from "./cursor.ts";
import { startTestApi, type TestApi } from "./testing/api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

const ID = "0b0e7a2e-0000-4000-8000-000000000001";
const NOW = "2026-11-20T12:00:00.000000Z";
const YEAR_0 = "0000-01-01T00:00:00.000000Z";

test.each([
  ["sessions", [NOW, ID], [YEAR_0, ID]],
  ["collections", [NOW, ID], [YEAR_0, ID]],
  ["notes", [NOW, ID], [YEAR_0, ID]],
  ["users/ada/sessions", [NOW, ID], [YEAR_0, ID]],
  ["users", [NOW, ID, "ada"], [YEAR_0, ID, "ada"]],
  ["users", [NOW, ID, "ada"], [NOW, ID, "a\0"]],
  ["dead-letters", ["999999999999999999"], ["9999999999999999999"]],
])("of %s %j is a cursor; %j, which no engine takes, is a 400 that names it", async (list, good, bad) => {
  const ask = (place: unknown) => api.get(`/v1/projects/1/${list}?cursor=${toCursor(place)}`, api.reader);
  expect((await ask(good)).status).toBe(200);
  const answer = await ask(bad);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: "query_malformed", issues: [{ path: "cursor" }] });
});
