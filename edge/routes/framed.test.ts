/** POST /i in the framed format: facts in the query, events alone as the body. */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Receipt } from "#protocol/batch.ts";
import type { StreamedBatch } from "#protocol/message.ts";
import { Problem } from "#protocol/problem.ts";
import { batch, EVENTS, giveKey, KEY, openStream, post, SESSION } from "../test/edge.ts";

const ARRAY = JSON.stringify(EVENTS);
const bytes = (text: string) => new TextEncoder().encode(text);
let stream: Awaited<ReturnType<typeof openStream>>;
let before: number;

beforeAll(async () => {
  await giveKey(KEY);
  stream = await openStream();
});
beforeEach(async () => {
  before = await stream.lastSeq();
});
afterAll(() => stream.close());

function frame(
  body: BodyInit,
  facts: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const query = new URLSearchParams({ k: KEY, session_id: SESSION, seq: "0", ...facts });
  return post(body, { query: `?${query}`, headers: { "Content-Type": "text/plain", ...headers } });
}

async function accepted(response: Response): Promise<Receipt> {
  expect(response.status, await response.clone().text()).toBe(202);
  return Receipt.parse(await response.json());
}

async function refused(response: Response, status: number): Promise<Problem> {
  const problem = Problem.parse(await response.json());
  expect([response.status, problem.code]).toEqual([status, problem.code]);
  expect(await stream.lastSeq()).toBe(before);
  return problem;
}

async function onlyBatch(): Promise<StreamedBatch> {
  const batches = await stream.batchesAfter(before);
  expect(batches).toHaveLength(1);
  return batches[0] as StreamedBatch;
}

describe("a framed batch", () => {
  it("is passed on as it came, its facts beside it", async () => {
    const user = { id: "u1", email: "u1@shop.example", plan: "pro" };
    const dropped = [{ from: 3, to: 4, reason: "storage_full" }];
    const facts = { window_id: "tab-1", url: "https://shop.example/?q=a&b", sealed_at: "1700000000999", sdk: "1.0" };
    const body = gzipSync(ARRAY);
    await accepted(
      await frame(body, {
        ...facts,
        seq: "7",
        sealed_through: "9",
        end: "1",
        user: JSON.stringify(user),
        dropped: JSON.stringify(dropped),
        t: "1700000001000",
      }),
    );
    const stored = await onlyBatch();
    expect(stored.envelope).toMatchObject({
      format: "framed",
      encoding: "gzip",
      seq: 7,
      ...{ window_id: "tab-1", url: facts.url, sealed_at: 1_700_000_000_999, sealed_through: 9, end: true, sdk: "1.0" },
      ...{ user, dropped, sent_at: 1_700_000_001_000, events_offset: 0, events_length: ARRAY.length },
      region: "any-xx",
    });
    expect([...stored.body]).toEqual([...body]);
  });

  it.each([
    ["identity", (text: Uint8Array) => text, {}],
    ["gzip, recognised", gzipSync, {}],
    ["gzip", gzipSync, { "Content-Encoding": "gzip" }],
    ["deflate", deflateSync, { "Content-Encoding": "deflate" }],
    ["br", brotliCompressSync, { "Content-Encoding": "br" }],
  ])("is the same batch as in the JSON format, as %s", async (_, compress, headers) => {
    const json = await accepted(await post(batch({ seq: 3, window_id: "w" })));
    const framed = await accepted(
      await frame(compress(bytes(ARRAY)) as BodyInit, { seq: "3", window_id: "w" }, headers as Record<string, string>),
    );
    expect(framed).toEqual(json);
  });

  it("may inflate to what a JSON body may not", async () => {
    const heavy = `[{"type":2,"timestamp":1700000000000,"data":"${"x".repeat(20 * 1024 * 1024)}"}]`;
    await accepted(await frame(gzipSync(heavy)));
    before = await stream.lastSeq();
    await refused(await post(gzipSync(`{"events":${heavy}}`)), 413);
  });
});

const deepUser = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;

describe("what is refused of it, and why", () => {
  it.each([
    ["a missing seq", { seq: undefined }, "?seq"],
    ["a missing session", { session_id: undefined }, "?session_id"],
    ["a seq that is none", { seq: "1.5" }, "?seq"],
    ["a negative seq", { seq: "-1" }, "?seq"],
    ["a session that is none", { session_id: "me" }, "?session_id"],
    ["a user that is no JSON", { user: "{" }, "?user"],
    ["a user that is no object", { user: "7" }, "?user"],
    ["a user deeper than the core can write", { user: deepUser(5_000) }, "?user"],
    ["a user deeper than the edge can write", { user: deepUser(7_500) }, "?user"],
    ["dropped ranges that are none", { dropped: '[{"from":1}]' }, "?dropped.0.to"],
    ["an end that is none", { end: "yes" }, "?end"],
    ["a clock that is none", { sealed_at: "soon" }, "?sealed_at"],
    ["a window with blanks", { window_id: "a b" }, "?window_id"],
  ])("%s", async (_, facts, path) => {
    const query = new URLSearchParams({ k: KEY, session_id: SESSION, seq: "0" });
    for (const [name, text] of Object.entries(facts)) {
      if (text === undefined) query.delete(name);
      else query.set(name, text);
    }
    const problem = await refused(await post(ARRAY, { query: `?${query}` }), 400);
    expect(problem.issues?.[0]?.path).toBe(path);
  });

  it.each([
    ["no array", "{}"],
    ["an array that does not end", ARRAY.slice(0, -1)],
    ["an array without events", "[ \n]"],
    ["blanks", "  "],
    ["half of a gzip stream", gzipSync(ARRAY).subarray(0, 40)],
    ["a gzip stream whose checksum is wrong", gzipSync(ARRAY).with(-6, 1)],
  ])("a body that is %s: 400", async (_, body) => {
    await refused(await frame(body as BodyInit), 400);
  });

  it("a body that inflates beyond 32 MiB: 413, whatever its length as sent", async () => {
    await refused(await frame(gzipSync(new Uint8Array(33 * 1024 * 1024).fill(0x20))), 413);
  });
});
