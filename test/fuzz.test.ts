/**
 * Ten thousand requests over raw sockets that nobody should send, to the edge in bare workerd: what HTTP itself can do
 * wrong is here (lying lengths, doubled headers, chunks, sockets that go), bodies by their content are in
 * edge/routes/ingest.fuzz.test.ts.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodeBatch } from "#core/worker/stages/decode.ts";
import { isDead } from "#core/worker/verdict.ts";
import { type EdgeRig, openEdgeRig } from "./faults/edge-rig.ts";

const REQUESTS = 10_000;
const AT_ONCE = 24;
const MEGABYTES_MORE_MAX = 96;
const REFUSALS = [400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 422, 426, 431];
/** What the HTTP server itself answers, before the Worker: a method or a version of HTTP that it does not know. */
const NOT_SPOKEN = [501, 505];
const PAUSE_MS = 200;

let rig: EdgeRig;
let port: number;
beforeAll(async () => {
  // Bombs keep it busy for longer than the core may be silent.
  rig = await openEdgeRig({ patient: true });
  port = Number(new URL(rig.traffic.edgeUrl).port);
});
afterAll(() => rig?.stop());

const KEY = "write_key_of_project_1";
const SESSION = "0195a000-0000-7000-8000-000000000001";
const EVENTS = '[{"type":4,"timestamp":1700000000000,"data":{"href":"https://shop.example/"}}]';
const JSON_BATCH = `{"session_id":"${SESSION}","events":${EVENTS}}`;
const NOTES = `{"session_id":"${SESSION}","events":[{"name":"a","ts":1}]}`;

const BOMB = gzipSync(Buffer.alloc(40 * 1024 * 1024, 0x20));

interface RawRequest {
  head: string;
  body: Buffer;
  /** Bytes of the body that are sent before the socket is closed; all of them unless told. */
  cutAt: number | null;
  /** Whether the second half is sent after a pause. */
  isSlow: boolean;
}

const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("/i", `/i?seq=0&session_id=${SESSION}`, "/e") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "/",
      "/i/",
      "/config",
      "/rrhog.js",
      "/healthz",
      "/metrics",
      "//i",
      "/i?seq=%",
      "/i?k=%ff",
    ),
  },
  { weight: 1, arbitrary: fc.nat(60_000).map((length) => `/i?seq=0&session_id=${SESSION}&url=${"u".repeat(length)}`) },
);
const method = fc.oneof(
  { weight: 12, arbitrary: fc.constant("POST") },
  { weight: 1, arbitrary: fc.constantFrom("GET", "PUT", "OPTIONS", "HEAD", "DELETE", "post", "BREW", "") },
);
const content = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(JSON_BATCH, EVENTS, NOTES) },
  fc.constantFrom("", "[", "\0", `${JSON_BATCH}${JSON_BATCH}`),
  fc.nat(3_000).map((depth) => `{"events":${"[".repeat(depth)}`),
  fc.string({ unit: "binary" }),
);
const encoded = fc
  .tuple(
    content,
    fc.constantFrom("none", "none", "none", "none", "gzip", "gzip", "br", "noise", "bomb"),
    fc.nat(400),
    fc.uint8Array({ maxLength: 400 }),
  )
  .map(([text, how, cut, noise]) => {
    if (how === "gzip") return gzipSync(text).subarray(0, cut > 300 ? cut - 300 : undefined);
    if (how === "br") return brotliCompressSync(text);
    if (how === "bomb") return BOMB;
    return how === "noise" ? Buffer.from(noise) : Buffer.from(text);
  });
const header = fc.constantFrom(
  ...[
    `Authorization: Bearer ${KEY}`,
    "Authorization: Bearer nobody",
    "Authorization: Basic x",
    "X-Write-Key:",
    `X-Write-Key: ${KEY}`,
  ],
  ...[
    "Content-Encoding: gzip",
    "Content-Encoding: br",
    "Content-Encoding: gzip, gzip",
    "Content-Encoding: zstd",
    "Content-Encoding: GZIP",
  ],
  ...["Content-Type: application/json", "Content-Type: text/plain", "Content-Type: image/png", "Content-Type:"],
  ...[
    "X-Sent-At: 1700000000000",
    "X-Sent-At: NaN",
    "X-Sent-At: -1",
    "X-Sent-At: 1e999",
    "Origin: null",
    "Origin: https://shop.example",
  ],
  ...["Expect: 100-continue", "Connection: close", "Cookie: a=b", "CF-Connecting-IP: 127.0.0.1", "User-Agent: \xe9"],
);
const length = fc.oneof(
  { weight: 8, arbitrary: fc.constant("right" as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("more" as const, "less" as const, "none" as const, "twice" as const, "words" as const),
  },
  { weight: 2, arbitrary: fc.constantFrom("chunked" as const, "cut" as const) },
);

const request = fc
  .record({
    method,
    path,
    headers: fc.oneof(fc.constant([]), fc.array(header, { maxLength: 4 })),
    body: encoded,
    length,
    key: fc.nat(4).map((n) => n > 0),
    isSlow: fc.nat(100).map((n) => n === 0),
  })
  .map(({ method, path, headers, body, length, key, isSlow }): RawRequest => {
    const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1", ...headers];
    if (key) lines.push(`X-Write-Key: ${KEY}`);
    const bytes = body.byteLength;
    if (length === "chunked") {
      lines.push("Transfer-Encoding: chunked");
      const chunk = bytes === 0 ? [] : [Buffer.from(`${bytes.toString(16)}\r\n`), body, Buffer.from("\r\n")];
      return {
        head: lines.join("\r\n"),
        body: Buffer.concat([...chunk, Buffer.from("0\r\n\r\n")]),
        cutAt: null,
        isSlow,
      };
    }
    const told = {
      right: [bytes],
      cut: [bytes],
      more: [bytes + 7],
      less: [Math.max(0, bytes - 3)],
      none: [],
      twice: [bytes, bytes + 1],
      words: ["many"],
    };
    for (const one of told[length]) lines.push(`Content-Length: ${one}`);
    const cutAt = length === "cut" || length === "more" ? Math.floor(bytes / 2) : null;
    return { head: lines.join("\r\n"), body, cutAt, isSlow };
  });

/** The status of the first answer; null where the socket was closed without one. */
function ask({ head, body, cutAt, isSlow }: RawRequest): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    // Bytes too few or too many leave the server waiting for more: then there is no answer, and none is owed.
    const timer = setTimeout(() => socket.destroy(), 1_000);
    socket.on("connect", () => {
      const bytes = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, "latin1"), body.subarray(0, cutAt ?? undefined)]);
      const half = isSlow ? bytes.byteLength >> 1 : 0;
      if (isSlow) socket.write(bytes.subarray(0, half));
      setTimeout(
        () => {
          socket.write(bytes.subarray(half));
          if (cutAt !== null) socket.end();
        },
        isSlow ? PAUSE_MS : 0,
      );
    });
    socket.on("data", (bytes) => {
      received += bytes.toString("latin1");
      const status = /^HTTP\/1\.1 (\d{3})/.exec(received)?.[1];
      if (status === undefined || status === "100") {
        if (status === "100") received = received.slice(received.indexOf("\r\n\r\n") + 4);
        return;
      }
      clearTimeout(timer);
      socket.destroy();
      resolve(Number(status));
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(null);
    });
  });
}

function residentMegabytes(): number {
  const status = readFileSync(`/proc/${rig.edgePid()}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

it("answers none of them with an error of its own, stores batches alone, and serves others meanwhile", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const pending = fc.sample(request, { numRuns: REQUESTS, seed });
  const counts = new Map<number | null, number>();
  let middle = 0;
  let over = false;
  const attackers = Array.from({ length: AT_ONCE }, async () => {
    for (let one = pending.pop(); one; one = pending.pop()) {
      if (pending.length === REQUESTS / 2) middle = residentMegabytes();
      const status = await ask(one);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  });
  const guest = (async () => {
    const statuses: number[] = [];
    while (!over) {
      const body = JSON_BATCH.replace('"events"', `"seq":${statuses.length},"window_id":"guest","events"`);
      const headers = { "content-type": "application/json", "x-write-key": KEY };
      statuses.push((await fetch(`${rig.traffic.edgeUrl}/i`, { method: "POST", body, headers })).status);
    }
    return statuses;
  })();
  await Promise.all(attackers);
  over = true;
  const guests = await guest;

  console.log(`answers: ${JSON.stringify([...counts])}`);
  const known = new Set([null, 200, 202, 204, ...REFUSALS, ...NOT_SPOKEN]);
  const strange = [...counts.keys()].filter((status) => !known.has(status));
  expect(strange).toEqual([]);
  expect(counts.get(202)).toBeGreaterThan(0);
  expect(guests.length).toBeGreaterThan(100);
  expect(new Set(guests)).toEqual(new Set([202]));
  expect(residentMegabytes() - middle).toBeLessThan(MEGABYTES_MORE_MAX);

  const stored = await rig.stream.batches();
  expect(stored.length).toBeGreaterThanOrEqual(guests.length);
  // What is framed is read by the worker alone, and may be a dead letter; all else is what it says.
  for (const { envelope, body } of stored) {
    const decoded = decodeBatch({ stream_seq: 1, envelope, body });
    if (isDead(decoded)) expect(envelope.format).toBe("framed");
  }
});
