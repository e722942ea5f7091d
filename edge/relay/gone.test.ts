import { wsconnect } from "@nats-io/nats-core";
import { describe, expect, inject, it } from "vitest";
import { DELETED_HINT_MS, type DeletedHint } from "#protocol/repair.ts";
import { batch, giveKey, KEY, post, SOON } from "../test/edge.ts";
import { Gone } from "./gone.ts";

const SESSION = { project_id: 1, session_id: "0195a000-0000-7000-8000-00000000dead" };
const NOW = 1_700_000_000_000;
const hint = (members: Partial<DeletedHint> = {}): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ v: 1, ...SESSION, deleted: true, at: NOW, ...members }));

describe("a hint that a session is deleted", () => {
  it("holds for a day, for that session of that project", () => {
    const gone = new Gone();
    expect(gone.isEmpty).toBe(true);
    gone.note(hint(), NOW);
    expect(gone.has(SESSION, NOW)).toBe(true);
    expect(gone.has({ ...SESSION, project_id: 2 }, NOW)).toBe(false);
    expect(gone.has(SESSION, NOW + DELETED_HINT_MS)).toBe(false);
  });

  it("that is none is ignored, and of many the oldest make room", () => {
    const gone = new Gone();
    for (const text of ["", "{", "null", '{"v":1}', '{"v":1,"want":["snapshot"]}']) {
      gone.note(new TextEncoder().encode(text), NOW);
    }
    expect(gone.isEmpty).toBe(true);
    for (let i = 0; i <= 10_000; i++) gone.note(hint({ project_id: i + 1 }), NOW);
    expect(gone.has({ ...SESSION, project_id: 1 }, NOW)).toBe(false);
    expect(gone.has({ ...SESSION, project_id: 10_001 }, NOW)).toBe(true);
  });
});

it("from the worker makes the session's next batches 410, and nobody else's", async () => {
  await giveKey(KEY);
  const { natsWsUrl, workerPassword } = inject("steering");
  const nats = await wsconnect({
    servers: natsWsUrl,
    user: "worker",
    pass: workerPassword,
    inboxPrefix: "_INBOX_worker",
  });
  const send = (members: Record<string, unknown>) => post(batch(members));
  const { session_id } = SESSION;
  expect((await send({ session_id })).status).toBe(202);
  nats.publish("repair.any-xx", hint());
  await expect.poll(async () => (await send({ session_id })).status, SOON).toBe(410);
  expect(await (await send({ session_id, seq: 1 })).json()).toMatchObject({ code: "session_deleted", status: 410 });
  expect((await send({})).status).toBe(202);
  await nats.close();
});
