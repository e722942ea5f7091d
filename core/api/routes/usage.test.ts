import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { load, recordedPage } from "../testing/recording.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => api.drop());

test("says what is used of each quota, and warns from four fifths on", async () => {
  // No month ends meanwhile.
  vi.useFakeTimers({ toFake: ["Date"] });
  const receivedAt = Date.now();
  for (let n = 0; n < 4; n++) {
    const payloads = recordedPage(receivedAt);
    await load(api, { projectId: 1, sessionId: randomUUID(), windowId: "w", seq: 0, payloads, receivedAt });
  }
  const usage = async (sessions: number | null, bytes: number | null) => {
    await api.sql`
      UPDATE projects SET quota_sessions_per_month = ${sessions}, quota_bytes_per_month = ${bytes} WHERE id = 1`;
    return (await api.get("/v1/projects/1/usage", api.reader)).json();
  };
  // Not counted in time is no mistake: the next question finds the sum.
  await expect
    .poll(() => usage(null, null))
    .toMatchObject({
      sessions: { used: 4, quota: null },
      bytes: { used: expect.any(Number), quota: null },
      warning: "none",
    });
  expect(await usage(6, null)).toMatchObject({ sessions: { used: 4, quota: 6 }, warning: "none" });
  expect(await usage(5, 1e9)).toMatchObject({ warning: "near" });
  expect(await usage(4, null)).toMatchObject({ warning: "used_up" });
  expect(await usage(null, 1)).toMatchObject({ bytes: { quota: 1 }, warning: "used_up" });
  expect(await usage(0, null)).toMatchObject({ warning: "used_up" });
});
