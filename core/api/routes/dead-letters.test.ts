import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { writeDeadLetters } from "#core/store/postgres/dead-letters.ts";
import { OTHER, startTestApi, type TestApi } from "../testing/api.ts";

let api: TestApi;
let owner: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
  owner = await api.signIn();
});
afterAll(() => api.drop());
beforeEach(() => api.sql`DELETE FROM dead_letters`);

async function letter(reason: string, body: Uint8Array = Buffer.from("[1]"), project_id = 1): Promise<string> {
  const identity = Buffer.from(randomUUID().replaceAll("-", ""), "hex");
  const batch = {
    project_id,
    session_id: randomUUID(),
    window_id: "w",
    seq: 3,
    batch_id: randomUUID(),
    received_at: Date.UTC(2026, 10, 26),
    format: "json",
  };
  await writeDeadLetters(api.sql, [{ identity, reason, envelope: JSON.stringify(batch), body, stream_seq: 7, batch }]);
  const [row] = await api.sql<[{ id: string }]>`SELECT id::text AS id FROM dead_letters WHERE identity = ${identity}`;
  return row.id;
}

const PATH = "/v1/projects/1/dead-letters";
const read = async (path = "", headers = owner) =>
  (await api.get(`${PATH}${path}`, headers)).json() as Promise<unknown>;
const change = async (method: string, path = "") => {
  const answer = await api.request(`${PATH}${path}`, { method, headers: owner });
  return { status: answer.status, ...((await answer.json()) as { letters?: number }) };
};

describe("dead letters", () => {
  test("are listed newest first, page by page, with their reasons", async () => {
    const ids = [
      await letter("body_not_inflatable: cut"),
      await letter("batch_id_wrong"),
      await letter("batch_id_wrong"),
    ];
    await letter("batch_id_wrong", Buffer.from("[]"), OTHER.id);
    const page = (await read("?limit=2")) as { dead_letters: { id: string }[]; next_cursor: string };
    expect(page.dead_letters.map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 2));
    expect(await read(`?limit=2&cursor=${page.next_cursor}`)).toMatchObject({
      dead_letters: [{ id: ids[0], reason: "body_not_inflatable: cut", seq: 3, bytes: 3, redrives: 0, state: "kept" }],
      next_cursor: null,
    });
    expect(await read("?reason=body_not_inflatable", api.reader)).toMatchObject({ dead_letters: [{ id: ids[0] }] });
  });

  test("can be looked into, by who may manage the project", async () => {
    const zipped = gzipSync(Buffer.from('{"events":[1]}'));
    const id = await letter("event_malformed", zipped);
    expect(await read(`/${id}`)).toMatchObject({
      text: '{"events":[1]}',
      body_base64: zipped.toString("base64"),
      envelope: expect.stringContaining("batch_id"),
    });
    const noise = await letter("body_not_inflatable", Buffer.from([0xff, 0xfe, 0x00]));
    expect(await read(`/${noise}`)).toMatchObject({ text: null });
    expect((await api.get(`${PATH}/${id}`, api.reader)).status).toBe(403);
    expect((await api.get(`${PATH}/999999`, owner)).status).toBe(404);
  });

  test("are driven again one by one, by reason, or all", async () => {
    const ids = [await letter("project_gone"), await letter("project_gone"), await letter("batch_id_wrong")];
    expect(await change("POST", `/${ids[2]}/redrive`)).toEqual({ status: 202, letters: 1 });
    expect(await read(`?reason=batch_id_wrong`)).toMatchObject({ dead_letters: [{ state: "driving" }] });
    expect(await change("POST", "/redrive?reason=project_gone")).toEqual({ status: 202, letters: 2 });
    expect(await change("POST", "/redrive")).toEqual({ status: 202, letters: 3 });
    expect(await change("POST", "/999999/redrive")).toMatchObject({ status: 404 });
    // In a worker's hands until then.
    await api.sql`UPDATE dead_letters SET redrive_at = now() + interval '1 hour' WHERE id = ${ids[0] ?? 0}`;
    expect(await change("POST", "/redrive")).toEqual({ status: 202, letters: 2 });
  });

  test("are dropped, and are gone from the list", async () => {
    const ids = [await letter("project_gone"), await letter("batch_id_wrong")];
    expect(await change("DELETE", `/${ids[0]}`)).toEqual({ status: 202, letters: 1 });
    expect(await change("DELETE", `/${ids[0]}`)).toMatchObject({ status: 404 });
    expect(await read()).toMatchObject({ dead_letters: [{ id: ids[1] }] });
    expect((await api.get(`${PATH}/${ids[0]}`, owner)).status).toBe(404);
    expect(await change("DELETE")).toEqual({ status: 202, letters: 1 });
  });

  test("of a deleted session are not shown", async () => {
    const id = await letter("batch_id_wrong");
    await api.sql`
      INSERT INTO tombstones (project_id, session_id) SELECT project_id, session_id FROM dead_letters WHERE id = ${id}`;
    expect(await read()).toMatchObject({ dead_letters: [] });
  });
});
