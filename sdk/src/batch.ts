/** A sealed batch: from here on its bytes and its facts are fixed, and every attempt sends the same ones. */
import type { DroppedRange, RecordedUser } from "../../protocol/batch.ts";
import { ENVIRONMENT_LENGTH_MAX, RELEASE_LENGTH_MAX, URL_LENGTH_MAX } from "../../protocol/limits.ts";
import { toJson } from "./json.ts";

/** More would not pass through most proxies smoothly, and would not leave with a page that goes. A single event may be larger. */
export const SEALED_BYTES_MAX = 48 * 1024;

export const SDK_VERSION = "@rrhog/browser 0.1.0";

/** Web servers take a request line of 8 KB; the path, the key and the clock of the attempt need some of it. */
export const QUERY_LENGTH_MAX = 7_000;
/** Of that, as it is encoded. The events have the whole address. */
const URL_ENCODED_LENGTH_MAX = 3_000;
const DROPPED_RANGES_MAX = 1_000;

export interface SealedBatch {
  /** Names the batch in the outbox: session, window and seq. */
  id: string;
  sessionId: string;
  windowId: string;
  seq: number;
  /** The client's clock when it was sealed, ms. */
  sealedAt: number;
  /**
   * The framed format of `POST /i`: the batch's facts, as each attempt sends them beside the key and its own clock. Without
   * it the body is the JSON format, whole: so older recorders sealed all of theirs, and this one what no query can hold.
   */
  query?: string | undefined;
  /** Stays here until its session has lasted for its least duration. */
  held?: boolean;
  /** The array of events, or in the JSON format the batch; gzipped where the browser can and there is time. */
  body: Uint8Array<ArrayBuffer>;
}

/** What a batch says of itself beside its events (protocol/batch.ts). */
export interface BatchFacts {
  sessionId: string;
  windowId: string;
  seq: number;
  sealedAt: number;
  sealedThrough: number;
  url: string;
  user: RecordedUser | undefined;
  release: string | undefined;
  environment: string | undefined;
  dropped: readonly DroppedRange[];
  end: boolean;
}

/** What is about to be sealed. */
export interface Draft {
  query: string | undefined;
  /** Together they are the body. Joined where they are compressed, not on the page's thread. */
  parts: string[];
}

/** Events come as JSON already: they were serialised when they happened, once. */
export function draft(facts: BatchFacts, events: readonly string[]): Draft {
  const array = ["[", ...events.flatMap((event, i) => (i === 0 ? [event] : [",", event])), "]"];
  // Without half characters, as a site's own `scrubUrl` may leave them: they cannot be encoded.
  const url = facts.url.replace(/[\ud800-\udfff]/gu, "");
  const query = framedQuery(facts, url);
  if (query.length <= QUERY_LENGTH_MAX) return { query, parts: array };
  const head = toJson(members(facts, url.slice(0, URL_LENGTH_MAX)));
  return { query: undefined, parts: [`${head.slice(0, -1)},"events":`, ...array, "}"] };
}

export function sealed(facts: BatchFacts, query: string | undefined, body: Uint8Array<ArrayBuffer>): SealedBatch {
  const { sessionId, windowId, seq, sealedAt } = facts;
  return { id: `${sessionId}/${windowId}/${seq}`, sessionId, windowId, seq, sealedAt, query, body };
}

function framedQuery(facts: BatchFacts, url: string): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(members(facts, shortened(url)))) {
    if (value === undefined) continue;
    query.set(name, value === true ? "1" : typeof value === "object" ? toJson(value) : String(value));
  }
  return String(query);
}

/** As both formats name them. */
function members(facts: BatchFacts, url: string) {
  return {
    seq: facts.seq,
    session_id: facts.sessionId,
    window_id: facts.windowId,
    url,
    user: facts.user,
    sealed_at: facts.sealedAt,
    sealed_through: facts.sealedThrough,
    dropped: facts.dropped.length ? facts.dropped.slice(-DROPPED_RANGES_MAX) : undefined,
    end: facts.end || undefined,
    sdk: SDK_VERSION,
    // What the edge would refuse would cost every batch.
    release: cut(facts.release, RELEASE_LENGTH_MAX),
    environment: cut(facts.environment, ENVIRONMENT_LENGTH_MAX),
  };
}

/** Pages set it to whatever they have, numbers too. */
function cut(text: string | undefined, length: number): string | undefined {
  return text === undefined ? text : String(text).slice(0, length);
}

/** Without its hash, then without its query, then its beginning: a character takes three at most, since addresses are ASCII. */
function shortened(url: string): string {
  const shorter = [url, url.replace(/#.*/, ""), url.replace(/[?#].*/, "")];
  const fits = shorter.find((text) => encodeURIComponent(text).length <= URL_ENCODED_LENGTH_MAX);
  return fits ?? url.slice(0, URL_ENCODED_LENGTH_MAX / 3);
}
