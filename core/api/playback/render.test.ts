import { describe, expect, test } from "vitest";
import type { IndexedBatch } from "#core/facts/play-order.ts";
import type { PlayedEvent } from "./read-events.ts";
import { jsonPage, replay, streamOf } from "./render.ts";

const batch: IndexedBatch = {
  window_id: "w",
  seq: 0,
  batch_id: "00000000-0000-0000-0000-000000000000",
  first_received_at: 0,
  first_ts: 0,
  last_ts: 0,
  event_count: 6,
  events_bytes: 60,
  full_snapshot_idx: [],
  full_snapshot_ts: [],
  is_end: false,
  url: "",
  user_id: null,
  version: 1,
};
const parts = [{ batch, fromIdx: 0 }];
const event = (idx: number): PlayedEvent => ({ batch, idx, payload: Buffer.from(`{"n":${idx}}`) });

const ROOMY = { events: 1_000, bytes: 1_000 };

async function* groups(...sizes: number[]): AsyncGenerator<PlayedEvent[], void> {
  let idx = 0;
  for (const size of sizes) yield Array.from({ length: size }, () => event(idx++));
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += Buffer.from(piece).toString();
  return text;
}

describe("a JSON page", () => {
  test("is whole JSON, of however many pieces it is made", async () => {
    for (const sizes of [[6], [1, 2, 3], [1, 1, 1, 1, 1, 1]]) {
      const page = JSON.parse(await textOf(jsonPage(groups(...sizes), parts, ROOMY)));
      expect(page).toEqual({ events: [0, 1, 2, 3, 4, 5].map((n) => ({ n })), next_cursor: null });
    }
    expect(await textOf(jsonPage(groups(), parts, ROOMY))).toBe('{"events":[],"next_cursor":null}');
  });

  test("ends where its room does, with the cursor of its last event; one event always fits", async () => {
    for (const [max, expected] of [
      [{ ...ROOMY, bytes: 1 }, 1],
      [{ ...ROOMY, bytes: 7 }, 1],
      [{ ...ROOMY, bytes: 8 }, 2],
      [{ ...ROOMY, bytes: 35 }, 5],
      [{ ...ROOMY, events: 1 }, 1],
      [{ ...ROOMY, events: 4 }, 4],
    ] as const) {
      const page = JSON.parse(await textOf(jsonPage(groups(3, 3), parts, max)));
      expect(page.events).toHaveLength(expected);
      expect(page.next_cursor).toEqual(expect.any(String));
    }
  });
});

test("a replay is whole JSON, too", async () => {
  expect(JSON.parse(await textOf(replay(groups(2, 1), "s")))).toEqual({
    session_id: "s",
    events: [{ n: 0 }, { n: 1 }, { n: 2 }],
  });
  expect(await textOf(replay(groups(), "s"))).toBe('{"session_id":"s","events":[]}');
});

describe("a stream", () => {
  test("makes the next piece when the last was taken, and says when nobody reads any more", async () => {
    let made = 0;
    let left = false;
    async function* endless(): AsyncGenerator<Uint8Array, void> {
      for (;;) yield Buffer.of(made++);
    }
    const leave = () => {
      left = true;
    };
    const reader = (await streamOf(endless(), leave)).getReader();
    expect(made).toBe(1);
    for (let i = 0; i < 5; i++) expect((await reader.read()).value).toEqual(Buffer.of(i));
    expect(made).toBe(5);
    await reader.cancel();
    expect([made, left]).toEqual([5, true]);
  });

  test("that fails before its first piece is no answer at all", async () => {
    async function* failing(): AsyncGenerator<Uint8Array, void> {
      yield* [];
      throw new Error("engine away");
    }
    await expect(streamOf(failing(), () => {})).rejects.toThrow("engine away");
  });
});
