/** The names on NATS. The only place that builds them; infra/nats/ configures the server to match. */

export const STREAM = "EVENTS";
export const CONSUMER = "WORKER";

export const SUBJECT_RRWEB = "events.rrweb";
export const SUBJECT_ANALYTICS = "events.analytics";

/** The edge's own inbox: all it may subscribe to, for PubAcks. */
export const EDGE_INBOX_PREFIX = "_INBOX_edge";

/** The worker's own inbox, for the same reason. */
export const WORKER_INBOX_PREFIX = "_INBOX_worker";
