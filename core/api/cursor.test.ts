import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toCursor } from "./cursor.ts";
import { startTestApi, type TestApi } from "./testing/api.ts";
import { load, recordedPage } from "./testing/recording.ts";

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

describe("pages miss and double nothing that came in one millisecond, or in one moment", () => {
  /** Microseconds within it. */
  const MOMENTS = ["000", "000", "001", "001", "001", "400", "999"].map((us) => `2026-11-20T12:00:00.123${us}Z`);

  beforeAll(async () => {
    const T0 = Date.now() - 3_600_000;
    const session = { projectId: 1, sessionId: ID, windowId: "w", receivedAt: T0 };
    const batches = MOMENTS.map((_, seq) => ({ seq, payloads: recordedPage(T0), row: { user_id: `u${seq}` } }));
    await load(api, ...batches.map((batch) => ({ ...session, ...batch })));
    for (const [n, moment] of MOMENTS.entries()) {
      const at = api.sql`${moment}::text::timestamptz`;
      await api.sql`UPDATE session_people SET last_at = ${at} WHERE user_id = ${`u${n}`}`;
      await api.sql`INSERT INTO collections (project_id, name, created_at) VALUES (1, ${`c${n}`}, ${at})`;
      await api.sql`
        INSERT INTO notes (project_id, session_id, at_ms, text, created_at) VALUES (1, ${ID}, 5, ${`n${n}`}, ${at})`;
    }
  });

  test.each([
    ["users", "people", "user_id"],
    ["collections", "collections", "name"],
    ["notes", "notes", "text"],
    [`sessions/${ID}/notes`, "notes", "text"],
  ])("of %s", async (list, member, name) => {
    const pagesOf = async (limit: number) => {
      const found: unknown[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const answer = await api.get(
          `/v1/projects/1/${list}?limit=${limit}${cursor && `&cursor=${cursor}`}`,
          api.reader,
        );
        const page = (await answer.json()) as Record<string, Record<string, unknown>[]> & {
          next_cursor: string | null;
        };
        found.push(...(page[member] ?? []).map((one) => one[name]));
        cursor = page.next_cursor;
      }
      return found;
    };
    const whole = await pagesOf(50);
    expect(whole).toHaveLength(MOMENTS.length);
    for (const limit of [1, 2, 3]) expect(await pagesOf(limit), `pages of ${limit}`).toEqual(whole);
  });
});
