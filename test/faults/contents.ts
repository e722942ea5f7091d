/** What recorders send, before it is sealed: batches of all sizes, each event unlike every other. */
import { randomBytes, randomUUID } from "node:crypto";

/** The events of a batch, each as its own JSON text. */
export interface Content {
  events: Uint8Array[];
  gzip: boolean;
}

/** Each call is another session: its batches in their order. */
export type Sessions = () => Iterator<Content>;

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

/** @param bytesMax of an event: larger ones are left out */
export function madeUpSessions(bytesMax = Number.POSITIVE_INFINITY): Sessions {
  const sizes = SIZES.filter(({ eventBytes }) => eventBytes <= bytesMax);
  return function* () {
    for (let left = batchesOfSession(); left > 0; left--) {
      const { events, eventBytes, gzip } = pick(sizes);
      yield { events: Array.from({ length: events }, () => Buffer.from(eventText(eventBytes))), gzip };
    }
  };
}

export function batchesOfSession(): number {
  return 30 + Math.floor(Math.random() * 60);
}

function pick(sizes: readonly Size[]): Size {
  let at = Math.random() * SHARES;
  for (const size of sizes) {
    at -= size.share;
    if (at < 0) return size;
  }
  return sizes[0] as Size;
}

/** A custom event of rrweb, unlike every other. */
function eventText(bytes: number): string {
  const at = Math.floor(Math.random() * (POOL.length - bytes));
  const payload = `${randomUUID()} ${POOL.slice(at, at + bytes)}`;
  return JSON.stringify({ type: 5, timestamp: Date.now(), data: { tag: "traffic", payload } });
}
