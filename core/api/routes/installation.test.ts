import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PAGE_ORIGIN_HEADER } from "#protocol/edge-project.ts";
import { secretHash } from "../secret-hash.ts";
import { EDGE_SECRET, OTHER, startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.drop());

const installation = async () => {
  const answer = await api.get(`/v1/projects/${OTHER.id}/installation`, { authorization: `Bearer ${OTHER.readKey}` });
  expect(answer.status).toBe(200);
  return answer.json();
};

/** As the edge asks for a key that a page shows. */
async function show(key: string, origin?: string): Promise<void> {
  const headers = { authorization: `Bearer ${EDGE_SECRET}`, ...(origin && { [PAGE_ORIGIN_HEADER]: origin }) };
  await api.get(`/edge/projects/${secretHash(key).toString("hex")}`, headers);
}

/** What was written last is long ago. */
const later = () => api.sql`UPDATE project_keys SET shown_at = shown_at - interval '10 minutes'`;

test("says step by step how far a first session is", async () => {
  expect(await installation()).toEqual({
    write_keys: 1,
    seen: null,
    unknown_key_at: null,
    arriving: false,
    newest_session: null,
  });

  await show("nobody_has_it", "https://shop.example");
  expect(await installation()).toMatchObject({ seen: null, unknown_key_at: expect.any(String) });

  await show(OTHER.writeKey, "https://shop.example");
  expect(await installation()).toMatchObject({ seen: { origin: "https://shop.example", refused: null } });

  const [sessionId, receivedAt] = [randomUUID(), Date.now()];
  await api.sql`
    INSERT INTO sessions_meta ${api.sql({ project_id: OTHER.id, session_id: sessionId, first_received_at: new Date() })}`;
  expect(await installation()).toMatchObject({ arriving: true, newest_session: null });

  const batch = {
    projectId: OTHER.id,
    sessionId,
    windowId: "w",
    seq: 0,
    payloads: recordedPage(receivedAt),
    receivedAt,
  };
  await load(api, batch);
  expect(await installation()).toMatchObject({ arriving: false, newest_session: { session_id: sessionId } });
});

test("says why nothing is taken from where a key was seen last", async () => {
  await later();
  await show(OTHER.writeKey, "https://staging.example");
  await api.sql`UPDATE projects SET allowed_origins = '{https://shop.example}' WHERE id = ${OTHER.id}`;
  expect(await installation()).toMatchObject({
    seen: { origin: "https://staging.example", refused: "origin_not_allowed" },
  });
  await later();
  await show(OTHER.readKey, "https://shop.example");
  expect(await installation()).toMatchObject({ seen: { refused: "key_kind_wrong" } });
  await later();
  await api.sql`UPDATE project_keys SET revoked_at = now() WHERE key_hash = ${secretHash(OTHER.writeKey)}`;
  await show(OTHER.writeKey, "what a browser would not say");
  expect(await installation()).toMatchObject({ write_keys: 0, seen: { origin: null, refused: "key_revoked" } });
});
