/** The requests that are sent: good ones in each format, and bad ones that must be refused and never be stored. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Content, madeUpSessions, type Sessions } from "./contents.ts";

/** One request of `POST /i`, whose bytes are the same at every attempt. */
export interface Request {
  path: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
}

export interface Batch {
  sessionId: string;
  windowId: string;
  seq: number;
  /** It says that it is its window's last. */
  end: boolean;
  request: Request;
  /** Of the `events` array's bytes. */
  eventsHash: string;
  /** Of each event's bytes. */
  eventHashes: string[];
}

/** What is kept of a batch whose bytes are no longer needed. */
export type SentBatch = Omit<Batch, "request">;

/** All that a run has sent. */
export interface Sent {
  /** By batch id: they got their 202. */
  accepted: ReadonlyMap<string, SentBatch>;
  /** Good ones that nobody attempts any more: refused once with 503, or without an answer. */
  givenUp: readonly SentBatch[];
  /** Of good batches: whatever else is found was never to be stored. */
  sessions: ReadonlySet<string>;
  /** Of bad requests. */
  badSessions: ReadonlySet<string>;
}

export interface BadRequest {
  request: Request;
  /** That it names, or tries to. */
  sessionId: string;
  /** The statuses that may answer it. */
  allowed: number[];
}

interface Sealed {
  sessionId: string;
  windowId: string;
  seq: number;
  end: boolean;
  /** The array's bytes. */
  events: Buffer;
  gzip: boolean;
}

/** How a sealed batch becomes a request; each batch takes the next of them. */
const FORMATS: ((sealed: Sealed, key: string) => Request)[] = [jsonRequest, framedRequest];

function framedRequest({ sessionId, windowId, seq, end, events, gzip }: Sealed, key: string): Request {
  const query = new URLSearchParams({
    k: key,
    session_id: sessionId,
    window_id: windowId,
    seq: String(seq),
    sealed_at: String(Date.now()),
    sealed_through: String(seq),
    end: String(end),
  });
  return {
    path: `/i?${query}`,
    headers: { "content-type": "text/plain" },
    body: new Uint8Array(gzip ? gzipSync(events, { level: 1 }) : events),
  };
}

function jsonRequest({ sessionId, windowId, seq, end, events, gzip }: Sealed, key: string): Request {
  const facts = { seq, session_id: sessionId, window_id: windowId, sealed_at: Date.now(), sealed_through: seq, end };
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

/** A visitor: one session after another, each in a window of its own that says its end. */
export class Visitor {
  readonly #key: string;
  readonly #sessions: Sessions;
  #contents: Iterator<Content> = [].values();
  #upcoming: Content | undefined;
  #sessionId = "";
  #windowId = "";
  #seq = 0;
  #made = 0;

  constructor(key: string, sessions: Sessions) {
    this.#key = key;
    this.#sessions = sessions;
  }

  next(): Batch {
    const { events, gzip } = this.#upcoming ?? this.#firstOfSession();
    this.#upcoming = take(this.#contents);
    const array = Buffer.concat([
      Buffer.from("["),
      ...events.flatMap((event, i) => (i === 0 ? [event] : [Buffer.from(","), event])),
      Buffer.from("]"),
    ]);
    const format = FORMATS[this.#made++ % FORMATS.length] ?? jsonRequest;
    const facts = {
      sessionId: this.#sessionId,
      windowId: this.#windowId,
      seq: this.#seq++,
      end: this.#upcoming === undefined,
    };
    return {
      ...facts,
      request: format({ ...facts, events: array, gzip }, this.#key),
      eventsHash: hashOf(array),
      eventHashes: events.map(hashOf),
    };
  }

  #firstOfSession(): Content {
    this.#contents = this.#sessions();
    this.#sessionId = randomUUID();
    this.#windowId = randomUUID();
    this.#seq = 0;
    const first = take(this.#contents);
    if (!first) throw new Error("a session without batches");
    return first;
  }
}

function take(contents: Iterator<Content>): Content | undefined {
  const { done, value } = contents.next();
  return done ? undefined : value;
}

/** Bad in each of the ways in turn; each is of a session of its own. */
export function badRequest(n: number, keys: { write: string; read: string }): BadRequest {
  const { request: good, sessionId } = new Visitor(keys.write, madeUpSessions(0x1000)).next();
  const text = Buffer.from(`{"session_id":"${sessionId}","seq":0,"events":[`);
  const withKey = (key: string) => ({ ...good, headers: { ...good.headers, authorization: `Bearer ${key}` } });
  const withBody = (body: Buffer, encoding = "identity") => ({
    ...good,
    headers: { ...good.headers, "content-encoding": encoding },
    body: new Uint8Array(body),
  });
  const ways: Omit<BadRequest, "sessionId">[] = [
    { request: withKey(`nobody_${randomUUID()}`), allowed: [401, 503] },
    { request: withKey(keys.read), allowed: [403, 503] },
    { request: withBody(text), allowed: [400, 503] },
    { request: withBody(Buffer.concat([text, Buffer.from("]}")])), allowed: [400, 503] },
    { request: withBody(gzipSync(Buffer.from(good.body)).subarray(0, -20), "gzip"), allowed: [400, 503] },
    { request: withBody(randomBytes(2_000)), allowed: [400, 415, 503] },
  ];
  return { ...(ways[n % ways.length] as (typeof ways)[number]), sessionId };
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64").slice(0, 24);
}
