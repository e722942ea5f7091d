import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BODY_BYTES_MAX,
  FACTS_BYTES_MAX,
  JSON_DEPTH_MAX,
  JSON_INFLATED_BYTES_MAX,
  USER_DEPTH_MAX,
} from "#protocol/limits.ts";
import { PROBLEM_CONTENT_TYPE, Problem } from "#protocol/problem.ts";
import { batch, EVENTS, get, giveKey, KEY, openStream, post, steer } from "../test/edge.ts";

const READ_KEY = "read_key_of_project_1";
const SHOP_KEY = "write_key_for_the_shop_alone";
const DAY_MS = 24 * 60 * 60 * 1_000;
let stream: Awaited<ReturnType<typeof openStream>>;
let before: number;

beforeAll(async () => {
  await giveKey(KEY);
  await giveKey(READ_KEY, { key_kind: "read" });
  await giveKey(SHOP_KEY, { allowed_origins: ["https://shop.example", "https://*.shop.example"] });
  stream = await openStream();
  before = await stream.lastSeq();
});
afterAll(async () => {
  expect(await stream.batchesAfter(before)).toEqual([]); // whatever was refused here is not in the stream
  await stream.close();
});

async function refused(response: Response, status: number, code: string): Promise<Problem> {
  expect([response.status, response.headers.get("Content-Type")]).toEqual([status, PROBLEM_CONTENT_TYPE]);
  const problem = Problem.parse(await response.json());
  expect(problem).toMatchObject({ status, code });
  return problem;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const gzip = { headers: { "Content-Encoding": "gzip" } };

describe("POST /i with a malformed body: 400 body_malformed", () => {
  it.each([
    ["nothing", ""],
    ["no JSON", "seq=0"],
    ["JSON cut short", batch().slice(0, -1)],
    ["two documents", `${batch()}${batch()}`],
    ["a byte order mark", `\uFEFF${batch()}`],
    ["bytes that are not UTF-8", Uint8Array.from([...bytes('{"url":"'), 0xff, ...bytes('"}')])],
    ["no object", "[]"],
    ["null", "null"],
    ["NaN", batch().replace("1700000000000", "NaN")],
    ["nesting without end", `{"events":${"[".repeat(JSON_DEPTH_MAX)}${"]".repeat(JSON_DEPTH_MAX)}}`],
  ])("%s", async (_, body) => {
    await refused(await post(body), 400, "body_malformed");
  });

  it.each([
    ["no events", { events: undefined }, "events"],
    ["an empty list of events", { events: [] }, "events"],
    ["events that are no list", { events: {} }, "events"],
    ["an event without a type", { events: [{ timestamp: 1 }] }, "events.0.type"],
    ["an event without a time", { events: [...EVENTS, { type: 3 }] }, "events.2.timestamp"],
    ["a time that no Date has", { events: [{ type: 3, timestamp: 1e300 }] }, "events.0.timestamp"],
    ["a time as text", { events: [{ type: 3, timestamp: "2026-01-01" }] }, "events.0.timestamp"],
    ["a session id that is none", { session_id: "../../etc" }, "session_id"],
    ["a negative seq", { seq: -1 }, "seq"],
    ["a seq beyond storage", { seq: 2 ** 32 }, "seq"],
    ["a window id with blanks", { window_id: "a b" }, "window_id"],
    ["batches given up from the last to the first", { dropped: [{ from: 9, to: 1, reason: "full" }] }, "dropped.0"],
    ["a user with more traits than an envelope holds", { user: { id: "u", story: "s".repeat(16 * 1024) } }, "user"],
    ["a user id that is too long", { user: { id: "u".repeat(257) } }, "user.id"],
  ])("%s, and says where", async (_, members, path) => {
    const { issues } = await refused(await post(batch(members)), 400, "body_malformed");
    expect(issues?.map((issue) => issue.path)).toContain(path);
  });

  it("a user who nests deeper than traits do", async () => {
    const nested = (depth: number) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
    const { issues } = await refused(await post(batch({ user: { a: nested(USER_DEPTH_MAX) } })), 400, "body_malformed");
    expect(issues).toEqual([{ path: "user", message: `at most ${USER_DEPTH_MAX} levels deep` }]);
  });

  it("an overflowing number", async () => {
    const body = batch().replace("1700000000000", "1e999");
    const { issues } = await refused(await post(body), 400, "body_malformed");
    expect(issues?.[0]?.path).toBe("events.0.timestamp");
  });

  it.each(["", "-1", "1e3", "0x10", "soon", "9".repeat(16)])("X-Sent-At %j", async (text) => {
    const { issues } = await refused(await post(batch(), { headers: { "X-Sent-At": text } }), 400, "body_malformed");
    expect(issues?.[0]?.path).toBe("X-Sent-At");
    await refused(await post(batch(), { query: `?k=${KEY}&t=${text}` }), 400, "body_malformed");
  });

  it("truncated gzip, at any place", async () => {
    const whole = gzipSync(batch());
    for (let length = 1; length < whole.length; length += 7) {
      await refused(await post(whole.subarray(0, length), gzip), 400, "body_malformed");
    }
  });

  it.each([
    ["plain JSON called gzip", bytes(batch()), "gzip"],
    ["plain JSON called br", bytes(batch()), "br"],
    ["gzip called deflate", gzipSync(batch()), "deflate"],
    ["gzip with a wrong checksum", corrupt(gzipSync(batch())), "gzip"],
    ["gzip with something behind it", Uint8Array.from([...gzipSync(batch()), 1, 2, 3]), "gzip"],
    ["deflate with something behind it", Uint8Array.from([...deflateSync(batch()), 1, 2, 3]), "deflate"],
    ["br with something behind it", Uint8Array.from([...brotliCompressSync(batch()), 1, 2, 3]), "br"],
    ["truncated deflate", deflateSync(batch()).subarray(0, 30), "deflate"],
    ["truncated br", brotliCompressSync(batch()).subarray(0, 30), "br"],
    ["gzip twice", gzipSync(gzipSync(batch())), "gzip"],
  ])("%s", async (_, body, encoding) => {
    await refused(await post(body, { headers: { "Content-Encoding": encoding } }), 400, "body_malformed");
  });
});

function corrupt(gzipped: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(gzipped);
  copy[copy.length - 6] = (copy[copy.length - 6] ?? 0) ^ 0xff;
  return copy;
}

describe("POST /i with too much: 413 body_too_large", () => {
  it.each([
    ["a declared length", (body: Uint8Array) => body],
    ["no declared length", (body: Uint8Array) => new Blob([body]).stream()],
  ])("a body over the limit, with %s", async (_, sent) => {
    await refused(await post(sent(new Uint8Array(BODY_BYTES_MAX + 1))), 413, "body_too_large");
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", (bytes: Uint8Array) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } })],
  ])("a bomb in %s, stopped while it inflates", async (encoding, compress) => {
    const bomb = compress(new Uint8Array(8 * JSON_INFLATED_BYTES_MAX));
    await refused(await post(bomb, { headers: { "Content-Encoding": encoding } }), 413, "body_too_large");
  });
});

describe("POST /i with much that is no event", () => {
  it("is parsed up to a bound: 413 beyond it, whoever sends it", async () => {
    const batchBeside = (bytes: number) => batch({ "": "x".repeat(bytes - batch({ "": "", events: 0 }).length) });
    const eventsBytes = JSON.stringify(EVENTS).length;
    const within = batchBeside(FACTS_BYTES_MAX - 10);
    expect(within.length - eventsBytes).toBeLessThanOrEqual(FACTS_BYTES_MAX);
    await refused(await post(within, { query: "?k=nobody" }), 401, "key_unknown");
    const stranger = { headers: { "X-Write-Key": "" } };
    await refused(await post(within, stranger), 401, "key_missing");
    const { detail } = await refused(await post(batchBeside(FACTS_BYTES_MAX + 10), stranger), 413, "body_too_large");
    expect(detail).toContain(String(FACTS_BYTES_MAX));
  });
});

describe("POST /i with headers that it does not know: 415", () => {
  it.each(["zstd", "gzip, gzip", "compress", "constructor"])("Content-Encoding %s", async (encoding) => {
    await refused(await post(batch(), { headers: { "Content-Encoding": encoding } }), 415, "encoding_unknown");
  });

  it.each(["text/html", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])(
    "Content-Type %s",
    async (type) => {
      await refused(await post(batch(), { headers: { "Content-Type": type } }), 415, "content_type_unknown");
    },
  );
});

describe("POST /i by a caller who may not: 401, 403", () => {
  it.each([
    ["no key", {}],
    ["an empty key", { headers: { Authorization: "Bearer " } }],
    ["Basic", { headers: { Authorization: "Basic ZGV2OmRldg==" } }],
  ])("%s", async (_, init) => {
    const headers = { "X-Write-Key": "", ...("headers" in init ? init.headers : {}) };
    await refused(await post(batch(), { headers }), 401, "key_missing");
  });

  it("a key that nobody has, in a header or in the body", async () => {
    await refused(await post(batch(), { query: "?k=nobody" }), 401, "key_unknown");
    await refused(await post(batch(), { query: `?k=${"k".repeat(10_000)}` }), 401, "key_unknown");
    const inBody = { headers: { "X-Write-Key": "" } };
    await refused(await post(batch({ project_write_key: "nobody" }), inBody), 401, "key_unknown");
  });

  it("a read key: the caller holds a key, the wrong one", async () => {
    await refused(await post(batch(), { query: `?k=${READ_KEY}` }), 403, "key_kind_wrong");
  });

  it.each(["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "null"])(
    "a page of %s, which may not read why either",
    async (Origin) => {
      const response = await post(batch(), { query: `?k=${SHOP_KEY}`, headers: { Origin } });
      expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
      await refused(response, 403, "origin_not_allowed");
    },
  );

  it("is told so in an answer that the page can read", async () => {
    const response = await post(batch(), { query: "?k=nobody", headers: { Origin: "https://shop.example" } });
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://shop.example");
    expect(response.headers.get("Vary")).toBe("Origin");
    await refused(response, 401, "key_unknown");
  });
});

describe("POST /i with a batch that the project would not keep: 422 batch_too_old", () => {
  it("by the client's own clock, where it tells both times", async () => {
    const sealed_at = 1_000_000_000_000;
    const headers = { "X-Sent-At": String(sealed_at + 91 * DAY_MS) };
    await refused(await post(batch({ sealed_at }), { headers }), 422, "batch_too_old");
  });

  it("by the edge's clock otherwise", async () => {
    await refused(await post(batch({ sealed_at: Date.now() - 91 * DAY_MS })), 422, "batch_too_old");
  });
});

describe("an address over its limit: 429 rate_limited", () => {
  it("is told when to come again, and which limit it was", async () => {
    const send = () => post("", { headers: { "CF-Connecting-IP": "192.0.2.1" } });
    let response = await send();
    for (let sent = 1; sent < 100 && response.status !== 429; sent++) response = await send();
    expect(response.headers.get("Retry-After")).toBe("10");
    expect((await refused(response, 429, "rate_limited")).limit).toBe("address");
  });

  it.each([
    ["the settings of a project", "/config", "GET"],
    ["a preflight", "/i", "OPTIONS"],
  ])("is not told of keys either, by %s", async (_, path, method) => {
    const ask = (k: string) =>
      get(`${path}?k=${k}`, {
        method,
        headers: { "CF-Connecting-IP": `192.0.2.${path.length}`, Origin: "https://a.example" },
      });
    let response = await ask("nobodys_0");
    for (let sent = 1; sent < 100 && response.status !== 429; sent++) response = await ask(`nobodys_${sent}`);
    expect((await refused(response, 429, "rate_limited")).limit).toBe("address");
    const { asked } = await steer({});
    await ask("nobodys_100");
    expect((await steer({})).asked).toBe(asked);
  });
});

describe("other routes and methods", () => {
  it.each(["/", "/i/", "/nothing", "/I"])("404 for %s", async (path) => {
    await refused(await get(path), 404, "not_found");
  });

  it.each([
    ["GET", "/i", "POST, OPTIONS"],
    ["PUT", "/i", "POST, OPTIONS"],
    ["POST", "/rrhog.js", "GET, HEAD"],
    ["DELETE", "/healthz", "GET, HEAD"],
  ])("405 for %s %s", async (method, path, allow) => {
    const response = await get(path, { method });
    expect(response.headers.get("Allow")).toBe(allow);
    await refused(response, 405, "method_not_allowed");
  });
});
