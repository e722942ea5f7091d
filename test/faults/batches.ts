/** The bodies that are sent: good ones of all sizes, and bad ones that must be refused and never be stored. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";

/** One request of `POST /i`, whose bytes are the same at every attempt. */
export interface Request {
  path: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
}

export interface Batch {
  sessionId: string;
  seq: number;
  request: Request;
  /** Of the `events` array's bytes. */
  eventsHash: string;
  /** Of each event's bytes. */
  eventHashes: string[];
}

/** What is kept of a batch that got its 202. */
export type Accepted = Pick<Batch, "sessionId" | "seq" | "eventsHash" | "eventHashes">;

/** All that a run has sent. */
export interface Sent {
  /** By batch id. */
  accepted: ReadonlyMap<string, Accepted>;
  /** Of good batches: whatever else is found was never to be stored. */
  sessions: ReadonlySet<string>;
}

export interface BadRequest {
  request: Request;
  /** The statuses that may answer it. */
  allowed: number[];
}

/** Where a batch's bytes begin to differ from the next one's, and compress to about three quarters. */
const POOL = randomBytes(6_000_000).toString("base64");

interface Size {
  /** Of a thousand batches. */
  share: number;
  events: number;
  eventBytes: number;
  gzip: boolean;
}

/** Above 256 KiB a batch goes alone, above 1 MiB it is larger than a group, above 2 MB it takes more than one row. */
const SIZES: Size[] = [
  { share: 780, events: 3, eventBytes: 600, gzip: false },
  { share: 190, events: 8, eventBytes: 2_500, gzip: true },
  { share: 20, events: 2, eventBytes: 160_000, gzip: false },
  { share: 5, events: 1, eventBytes: 1_900_000, gzip: true },
  { share: 3, events: 2, eventBytes: 600_000, gzip: false },
  { share: 2, events: 1, eventBytes: 2_400_000, gzip: false },
];
const SHARES = SIZES.reduce((sum, { share }) => sum + share, 0);

interface Sealed {
  sessionId: string;
  windowId: string;
  seq: number;
  /** The array's bytes. */
  events: Buffer;
  gzip: boolean;
}

/** How a sealed batch becomes a request; each batch takes the next of them. */
const FORMATS: ((sealed: Sealed, key: string) => Request)[] = [jsonRequest, framedRequest];

function framedRequest({ sessionId, windowId, seq, events, gzip }: Sealed, key: string): Request {
  const query = new URLSearchParams({
    k: key,
    session_id: sessionId,
    window_id: windowId,
    seq: String(seq),
    sealed_at: String(Date.now()),
    sealed_through: String(seq),
  });
  return {
    path: `/i?${query}`,
    headers: { "content-type": "text/plain" },
    body: new Uint8Array(gzip ? gzipSync(events, { level: 1 }) : events),
  };
}

function jsonRequest({ sessionId, windowId, seq, events, gzip }: Sealed, key: string): Request {
  const facts = { seq, session_id: sessionId, window_id: windowId, sealed_at: Date.now(), sealed_through: seq };
  const head = JSON.stringify(facts).slice(0, -1);
  const json = Buffer.concat([Buffer.from(`${head},"events":`), events, Buffer.from("}")]);
  return {
    path: "/i",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${key}`,
      ...(gzip ? { "content-encoding": "gzip" } : {}),
    },
    // Level 1: the edge is to work here, not we.
    body: new Uint8Array(gzip ? gzipSync(json, { level: 1 }) : json),
  };
}

/** A visitor: one session after another, each some batches long. */
export class Visitor {
  readonly #key: string;
  readonly #sizes: Size[];
  #sessionId = "";
  #windowId = "";
  #seq = 0;
  #left = 0;
  #made = 0;

  /** @param bytesMax of an event: larger ones are left out */
  constructor(key: string, bytesMax = Number.POSITIVE_INFINITY) {
    this.#key = key;
    this.#sizes = SIZES.filter(({ eventBytes }) => eventBytes <= bytesMax);
  }

  next(): Batch {
    if (this.#left-- === 0) {
      this.#sessionId = randomUUID();
      this.#windowId = randomUUID();
      this.#seq = 0;
      this.#left = 30 + Math.floor(Math.random() * 60);
    }
    const size = this.#pick();
    const events = Array.from({ length: size.events }, () => Buffer.from(eventText(size.eventBytes)));
    const array = Buffer.concat([
      Buffer.from("["),
      ...events.flatMap((event, i) => (i === 0 ? [event] : [Buffer.from(","), event])),
      Buffer.from("]"),
    ]);
    const seq = this.#seq++;
    const [sessionId, windowId] = [this.#sessionId, this.#windowId];
    const format = FORMATS[this.#made++ % FORMATS.length] ?? jsonRequest;
    return {
      sessionId,
      seq,
      request: format({ sessionId, windowId, seq, events: array, gzip: size.gzip }, this.#key),
      eventsHash: hashOf(array),
      eventHashes: events.map(hashOf),
    };
  }

  #pick(): Size {
    let at = Math.random() * SHARES;
    for (const size of this.#sizes) {
      at -= size.share;
      if (at < 0) return size;
    }
    return this.#sizes[0] as Size;
  }
}

/** A custom event of rrweb, unlike every other. */
function eventText(bytes: number): string {
  const at = Math.floor(Math.random() * (POOL.length - bytes));
  const payload = `${randomUUID()} ${POOL.slice(at, at + bytes)}`;
  return JSON.stringify({ type: 5, timestamp: Date.now(), data: { tag: "traffic", payload } });
}

/** Bad in each of the ways in turn; each is of a session of its own. */
export function badRequest(n: number, keys: { write: string; read: string }): BadRequest {
  const good = new Visitor(keys.write, 0x1000).next().request;
  const text = Buffer.from(`{"session_id":"${randomUUID()}","seq":0,"events":[`);
  const withKey = (key: string) => ({ ...good, headers: { ...good.headers, authorization: `Bearer ${key}` } });
  const withBody = (body: Buffer, encoding = "identity") => ({
    ...good,
    headers: { ...good.headers, "content-encoding": encoding },
    body: new Uint8Array(body),
  });
  const ways: BadRequest[] = [
    { request: withKey(`nobody_${randomUUID()}`), allowed: [401, 503] },
    { request: withKey(keys.read), allowed: [403, 503] },
    { request: withBody(text), allowed: [400, 503] },
    { request: withBody(Buffer.concat([text, Buffer.from("]}")])), allowed: [400, 503] },
    { request: withBody(gzipSync(Buffer.from(good.body)).subarray(0, -20), "gzip"), allowed: [400, 503] },
    { request: withBody(randomBytes(2_000)), allowed: [400, 415, 503] },
  ];
  return ways[n % ways.length] as BadRequest;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64").slice(0, 24);
}
