/** The names on NATS. The only place that builds them; infra/nats/ configures the server to match. */

export const STREAM = "EVENTS";
export const CONSUMER = "WORKER";

export const SUBJECT_RRWEB = "events.rrweb";
export const SUBJECT_ANALYTICS = "events.analytics";

/** Hints from the worker to the relays of a region (relay-name.ts `relayRegion`): see repair.ts. */
export function repairSubject(region: string): string {
  return `repair.${region}`;
}

/** The edge's own inbox: for PubAcks. */
export const EDGE_INBOX_PREFIX = "_INBOX_edge";

/** The worker's own inbox, for the same reason. */
export const WORKER_INBOX_PREFIX = "_INBOX_worker";
