/**
 * Writes the samples that hold later versions to what this one sends: `node edge/test/samples/write.ts`. What has been
 * released is never written again; a file that is there stays as it is. For the next release add its samples under names
 * of their own (docs/versions.md).
 *
 * - `messages/0.1-*`: as this edge's own code admits and frames them.
 * - `messages/first-*`: as the first edge did: one batch a message, JSON only, and no `region`.
 * - `messages/next-*`: what an edge to come may send.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { EdgeProject } from "#protocol/edge-project.ts";
import type { BodyEncoding, Envelope } from "#protocol/envelope.ts";
import { encodeFrames, encodeHead, type Frame } from "#protocol/message.ts";
import { admit } from "../../admit.ts";
import { parseAnalyticsBatch } from "../../analytics-batch.ts";
import { parseFramedBatch, readFramedFacts } from "../../framed-batch.ts";
import { type ParsedBatch, parseJsonBatch } from "../../json-batch.ts";
import type { Result } from "../../rejection.ts";

interface SentBody {
  name: string;
  body: string;
}

interface Batch {
  envelope: Envelope;
  body: Uint8Array;
  /** Where the core has it in the end: the events as sent, or why not. */
  expected: Expected;
}

interface Expected {
  session_id: string;
  batch_id: string;
  format: string;
  events: string[];
  dead?: string;
}

const PROJECT: EdgeProject = {
  v: 1,
  project_id: 1,
  key_kind: "write",
  allowed_origins: [],
  jurisdiction: "any",
  retention_days: 90,
  requests_per_second: null,
  bytes_per_second: null,
  sample_rate: 1,
  recorder: {},
  quota_used_up: null,
};

const RECEIVED_AT = Date.UTC(2026, 10, 26, 9, 0, 5);

const COMPRESS: Record<BodyEncoding, (bytes: Uint8Array) => Uint8Array> = {
  identity: (bytes) => bytes,
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
};

function taken<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.rejection));
  return result.value;
}

async function admitted(
  format: Envelope["format"],
  text: string,
  parse: (inflated: Uint8Array) => Result<ParsedBatch>,
  encoding: BodyEncoding = "gzip",
): Promise<Batch> {
  const inflated = new TextEncoder().encode(text);
  const sent = COMPRESS[encoding](inflated);
  const parsed = taken(parse(inflated));
  const envelope = taken(
    await admit(PROJECT, { sent, encoding, inflated }, parsed, {
      format,
      receivedAt: RECEIVED_AT,
      sentAt: RECEIVED_AT - 40,
      userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
      country: "DE",
      region: "any-eu",
      isFinishing: false,
    }),
  );
  const { session_id, batch_id } = envelope;
  const array = new TextDecoder().decode(inflated.subarray(parsed.events.start, parsed.events.end));
  const events = (JSON.parse(array) as unknown[]).map((event) => JSON.stringify(event));
  return { envelope, body: sent, expected: { session_id, batch_id, format, events } };
}

const event = (n: number) => ({ type: 3, timestamp: Date.UTC(2026, 10, 26, 9) + n, data: { source: 1, n } });
const session = (n: number) => `5a3b1e00-0000-4000-8000-${String(n).padStart(12, "0")}`;

function json(n: number, encoding: BodyEncoding, members: object = {}): Promise<Batch> {
  const facts = { seq: 0, session_id: session(n), window_id: "w1", sealed_at: RECEIVED_AT - 90, sealed_through: 0 };
  return admitted("json", JSON.stringify({ ...facts, ...members, events: [event(n)] }), parseJsonBatch, encoding);
}

function framed(n: number, encoding: BodyEncoding, query: Record<string, string> = {}): Promise<Batch> {
  const facts = taken(readFramedFacts({ session_id: session(n), window_id: "w1", seq: "0", ...query }));
  return admitted("framed", JSON.stringify([event(n)]), (inflated) => parseFramedBatch(facts, inflated), encoding);
}

function analytics(n: number, encoding: BodyEncoding): Promise<Batch> {
  const events = [
    { name: "bought", ts: event(n).timestamp, url: "https://shop.test/pay", props: { total: 12.5 } },
    { name: "left", ts: event(n).timestamp + 1 },
  ];
  return admitted("analytics", JSON.stringify({ session_id: session(n), events }), parseAnalyticsBatch, encoding);
}

/** With members changed or added in the envelope, and where this core cannot read it, its word for that. */
function changed({ envelope, body, expected }: Batch, members: object, dead?: string): Batch {
  return { envelope: { ...envelope, ...members }, body, expected: dead ? { ...expected, dead } : expected };
}

function first(batch: Batch): Batch {
  const { region: _, ...envelope } = batch.envelope;
  return { ...batch, envelope };
}

const NEXT = {
  v: 2,
  sealed_by: { recorder: "next", build: [1, 2] },
  trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
  dropped: [{ from: 1, to: 2, reason: "quota", bytes: 1_234 }],
};

const cut = (batch: Batch): Batch => ({ ...batch, body: batch.body.subarray(0, 20) });

const bodies = JSON.parse(await readFile(join(import.meta.dirname, "bodies.json"), "utf8")) as SentBody[];

const MESSAGES: Record<string, Batch[]> = {
  ...Object.fromEntries(
    await Promise.all(
      bodies.map(async ({ name, body }) => [
        `0.1-body-${name}`,
        [await admitted("json", body, parseJsonBatch, "identity")],
      ]),
    ),
  ),
  "first-identity": [first(await json(101, "identity"))],
  "first-gzip": [first(await json(102, "gzip", { user: { id: "u1" }, end: true }))],
  "first-br": [first(await json(103, "br"))],
  "0.1-json-identity": [await json(111, "identity")],
  "0.1-json-gzip": [await json(112, "gzip", { dropped: [{ from: 4, to: 4, reason: "quota" }] })],
  "0.1-json-deflate": [await json(113, "deflate")],
  "0.1-json-br": [await json(114, "br")],
  "0.1-json-spooled": [changed(await json(115, "gzip"), { durable: "spool" })],
  "0.1-framed-identity": [await framed(116, "identity")],
  "0.1-framed-gzip": [await framed(117, "gzip", { end: "1", user: '{"id":"u1"}', sealed_through: "0" })],
  "0.1-analytics-identity": [await analytics(118, "identity")],
  "0.1-analytics-gzip": [await analytics(119, "gzip")],
  "0.1-group": [
    await json(121, "gzip"),
    await framed(122, "gzip"),
    await framed(123, "identity"),
    await json(124, "br"),
  ],
  "0.1-group-analytics": [await analytics(125, "gzip"), await analytics(126, "identity")],
  "next-members": [changed(await json(131, "gzip"), NEXT), changed(await framed(132, "gzip"), NEXT)],
  "next-region": [changed(await json(133, "gzip"), { region: "Moon/2" })],
  "next-format": [
    await json(134, "gzip"),
    changed(await json(135, "gzip"), { ...NEXT, format: "packed" }, "envelope_malformed"),
    await framed(136, "gzip"),
  ],
  "next-encoding": [changed(await json(137, "gzip"), { ...NEXT, encoding: "zstd" }, "envelope_malformed")],
  "next-members-cut": [cut(changed(await json(138, "gzip"), NEXT, "body_not_inflatable"))],
};

const frames = (batches: readonly Batch[]): Frame[] =>
  batches.map(({ envelope, body }) => ({ head: encodeHead(envelope, body.byteLength), body }));

/** Of a version that this core does not know; what follows the first byte may be anything. */
async function nextMessage(): Promise<Uint8Array> {
  const message = encodeFrames(frames([await json(139, "gzip")]));
  message[0] = 2;
  return message;
}

async function keep(name: string, content: Uint8Array | string): Promise<void> {
  const isThere = (error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    console.log(`kept as it is: ${name}`);
  };
  await writeFile(join(import.meta.dirname, name), content, { flag: "wx" }).catch(isThere);
}

for (const [name, batches] of Object.entries(MESSAGES)) {
  await keep(`messages/${name}.bin`, encodeFrames(frames(batches)));
  const expected = batches.map((batch) => batch.expected);
  await keep(`messages/${name}.json`, `${JSON.stringify({ batches: expected }, null, 2)}\n`);
}
await keep("messages/next-message.bin", await nextMessage());
await keep("messages/next-message.json", `${JSON.stringify({ dead: "message_version_unknown" }, null, 2)}\n`);
