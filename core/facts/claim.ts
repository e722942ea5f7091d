/**
 * A session's claim: when it was first received, and how far the client's clock is off. Proposed from one pull, settled
 * in Postgres by the first write; from then on every time that enters a key, a partition or a TTL is computed from it.
 */

export interface Claim {
  /** The edge's clock, ms. */
  first_received_at: number;
  /** Added to the client's clock, ms. 0 unless it is plainly wrong. */
  clock_offset_ms: number;
}

/** What one arrived batch says about clocks, all in ms. */
export interface Arrival {
  received_at: number;
  /** The client's clock at this attempt, where it was told. */
  sent_at: number | null;
  /** The client's clock at the batch's last event. */
  last_ts: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Below it a difference is taken for the network's: correcting it would move events for nothing. */
const SKEW_MS = 5 * MINUTE_MS;

/** How far before the claim an event may lie: recorders keep unsent batches for at most 30 days. */
export const SPAN_BEFORE_MS = 31 * DAY_MS;
/** How far after it: a session lasts a day at most, and an hour of grace. */
export const SPAN_AFTER_MS = 25 * HOUR_MS;

/**
 * What the pull that sees a session first proposes for it.
 *
 * The way to the edge only ever adds to received − sent, so the smallest is the nearest to the clock's error. Without
 * `sent_at` a batch that lay in a store for days cannot be told from a clock that is days behind, and is believed; but
 * nothing was recorded in the future, so a batch from there puts its last event at its reception.
 *
 * @param arrivals of one session, at least one
 */
export function proposeClaim(arrivals: readonly [Arrival, ...Arrival[]]): Claim {
  const claiming = arrivals.reduce((first, next) => (next.received_at < first.received_at ? next : first));
  const differences = arrivals.flatMap(({ received_at, sent_at }) => (sent_at === null ? [] : [received_at - sent_at]));
  const first_received_at = Math.floor(claiming.received_at);
  if (differences.length > 0) {
    const least = Math.floor(differences.reduce((least, difference) => Math.min(least, difference)));
    return { first_received_at, clock_offset_ms: Math.abs(least) < SKEW_MS ? 0 : least };
  }
  const ahead = Math.ceil(claiming.last_ts - claiming.received_at);
  return { first_received_at, clock_offset_ms: ahead > SKEW_MS ? -ahead : 0 };
}

/** A client's time by the claim: moved by the offset, and kept within the span that the claim allows, in ms. */
export function correctedMs(clientMs: number, claim: Claim): number {
  const moved = Math.floor(clientMs) + claim.clock_offset_ms;
  return Math.min(Math.max(moved, claim.first_received_at - SPAN_BEFORE_MS), claim.first_received_at + SPAN_AFTER_MS);
}

/** The UTC day that partitions and TTLs of the session's rows go by, as `YYYY-MM-DD`. */
export function receivedOn(claim: Claim): string {
  return new Date(claim.first_received_at).toISOString().slice(0, 10);
}
