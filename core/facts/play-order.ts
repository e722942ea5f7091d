/**
 * The order in which a session plays, from the index of its batches alone.
 *
 * In a window with an id the order is (seq, idx). Of two batches at one seq the first received plays, the others are
 * conflicts: whoever knows a session's id can send one, and a late one must not replace what was there.
 * In the window `''` nothing conflicts, since its clients begin at seq 0 on every page: there the order is (first ts of
 * the batch, seq, idx). The batch's id settles what is equal, so that the order is the same at every reading.
 */

/** What a loaded attempt says of where its batch plays. Times in ms; `first_ts` and `last_ts` are the client's. */
export interface PlayableAttempt {
  window_id: string;
  seq: number;
  batch_id: string;
  received_at: number;
  first_ts: number;
  last_ts: number;
  event_count: number;
  events_bytes: number;
  full_snapshot_idx: number[];
  full_snapshot_ts: number[];
  is_end: boolean;
  url: string;
  user_id: string | null;
  /** Of the redaction rules that its rows were made under. */
  version: number;
}

/** A batch, its attempts folded. */
export type IndexedBatch = Omit<PlayableAttempt, "received_at"> & { first_received_at: number };

export interface PlayWindow {
  window_id: string;
  /** Client's clock, ms. */
  first_ts: number;
  last_ts: number;
  event_count: number;
  /** In play order, without conflicts. */
  batches: IndexedBatch[];
}

export interface PlayOrder {
  /** Session time 0: the session's first event on the client's clock, ms. */
  start_ts: number;
  /** By first event. */
  windows: PlayWindow[];
}

export function playOrder(attempts: readonly PlayableAttempt[]): PlayOrder {
  const batches = [...Map.groupBy(attempts, ({ batch_id }) => batch_id).values()].map(folded);
  const windows = [...Map.groupBy(batches, ({ window_id }) => window_id)]
    .map(([windowId, ofWindow]) => playWindow(windowId, ofWindow))
    .sort((a, b) => a.first_ts - b.first_ts || compareText(a.window_id, b.window_id));
  return { start_ts: least(batches, "first_ts"), windows };
}

/** What of a batch says where it plays. */
export type Place = Pick<IndexedBatch, "seq" | "batch_id" | "first_ts">;

/** Negative where `a` plays before `b` in the window. */
export function comparePlaces(windowId: string, a: Place, b: Place): number {
  const bySeq = a.seq - b.seq;
  return (windowId === "" ? a.first_ts - b.first_ts || bySeq : bySeq) || compareText(a.batch_id, b.batch_id);
}

/** The attempts of a batch say the same, save for when they came and under which rules their rows were made. */
function folded(attempts: readonly PlayableAttempt[]): IndexedBatch {
  const newest = attempts.reduce((newest, attempt) => (attempt.version > newest.version ? attempt : newest));
  return { ...newest, first_received_at: least(attempts, "received_at") };
}

function playWindow(windowId: string, ofWindow: readonly IndexedBatch[]): PlayWindow {
  const playing = windowId === "" ? [...ofWindow] : firstReceived(ofWindow);
  const batches = playing.sort((a, b) => comparePlaces(windowId, a, b));
  return {
    window_id: windowId,
    first_ts: least(batches, "first_ts"),
    last_ts: batches.reduce((greatest, { last_ts }) => Math.max(greatest, last_ts), 0),
    event_count: batches.reduce((sum, { event_count }) => sum + event_count, 0),
    batches,
  };
}

function firstReceived(batches: readonly IndexedBatch[]): IndexedBatch[] {
  const playing = new Map<number, IndexedBatch>();
  for (const batch of batches) {
    const rival = playing.get(batch.seq);
    if (!rival || isEarlier(batch, rival)) playing.set(batch.seq, batch);
  }
  return [...playing.values()];
}

function isEarlier(a: IndexedBatch, b: IndexedBatch): boolean {
  return (a.first_received_at - b.first_received_at || compareText(a.batch_id, b.batch_id)) < 0;
}

function least<K extends string>(rows: readonly Record<K, number>[], key: K): number {
  return rows.reduce((least, row) => Math.min(least, row[key]), Number.POSITIVE_INFINITY);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
