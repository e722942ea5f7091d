import { wsconnect } from "@nats-io/nats-core";
import { describe, expect, inject, it } from "vitest";
import { REPAIR_HINT_MS, type RepairHint } from "#protocol/repair.ts";
import { batch, giveKey, KEY, post, SESSION, SOON } from "../test/edge.ts";
import { Wants } from "./wants.ts";

const WINDOW = { project_id: 1, session_id: SESSION, window_id: "w" };
const NOW = 1_700_000_000_000;
const hint = (members: Partial<RepairHint> = {}): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ v: 1, ...WINDOW, want: ["snapshot"], at: NOW, ...members }));

describe("a hint", () => {
  it("is passed on once, to the window that it names", () => {
    const wants = new Wants();
    wants.note(hint(), NOW);
    expect(wants.take({ ...WINDOW, window_id: "x" }, NOW)).toBe(false);
    expect(wants.take({ ...WINDOW, project_id: 2 }, NOW)).toBe(false);
    expect(wants.take(WINDOW, NOW)).toBe(true);
    expect(wants.take(WINDOW, NOW)).toBe(false);
    expect(wants.isEmpty).toBe(true);
  });

  it("is of no use after a minute, and forgotten", () => {
    const wants = new Wants();
    wants.note(hint(), NOW);
    wants.note(hint({ window_id: "later" }), NOW + 1_000);
    wants.forgetExpired(NOW + REPAIR_HINT_MS);
    expect(wants.take(WINDOW, NOW + REPAIR_HINT_MS)).toBe(false);
    expect(wants.take({ ...WINDOW, window_id: "later" }, NOW + REPAIR_HINT_MS)).toBe(true);
  });

  it("that is none is ignored, and of many the oldest make room", () => {
    const wants = new Wants();
    for (const text of ["", "{", "null", '{"v":1}']) wants.note(new TextEncoder().encode(text), NOW);
    expect(wants.isEmpty).toBe(true);
    for (let i = 0; i <= 10_000; i++) wants.note(hint({ window_id: `w${i}` }), NOW);
    expect(wants.take({ ...WINDOW, window_id: "w0" }, NOW)).toBe(false);
    expect(wants.take({ ...WINDOW, window_id: "w10000" }, NOW)).toBe(true);
  });
});

it("from the worker comes to the recorder with the next 202 of its window, by the relay's region", async () => {
  await giveKey(KEY);
  const { natsWsUrl, workerPassword } = inject("steering");
  const nats = await wsconnect({
    servers: natsWsUrl,
    user: "worker",
    pass: workerPassword,
    inboxPrefix: "_INBOX_worker",
  });
  const send = async (window_id: string) =>
    (await (await post(batch({ window_id }))).json()) as { status: string; want?: string[] };
  expect(await send("w")).not.toHaveProperty("want");
  nats.publish("repair.any-xx", hint());
  await expect.poll(async () => (await send("w")).want, SOON).toEqual(["snapshot"]);
  expect(await send("w")).not.toHaveProperty("want");
  await nats.close();
});
