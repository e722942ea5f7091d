/** The limits of the wire, in bytes unless the name says otherwise. The edge enforces them, recorders plan for them. */

/** A body as sent, still compressed. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** A JSON body after inflation: a full snapshot of a heavy page inflates to 10 MiB and must pass. */
export const JSON_INFLATED_BYTES_MAX = 12 * 1024 * 1024;

/** What a JSON body may have beside its events, which is parsed as a whole: a thousand ranges in `dropped` fit. */
export const FACTS_BYTES_MAX = 1024 * 1024;

/** A framed body after inflation. */
export const FRAMED_INFLATED_BYTES_MAX = 32 * 1024 * 1024;

/** NATS `max_payload`, set in infra/nats/: no message may be larger. */
export const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

/** What the edge puts together in one message: a PubAck and a disk sync serve them all, and a redelivery repeats them all. */
export const GROUP_BYTES_MAX = 1024 * 1024;

/** A larger batch goes alone. */
export const GROUPED_BATCH_BYTES_MAX = 256 * 1024;

/** `seq` is a UInt32 in storage. */
export const SEQ_MAX = 2 ** 32 - 1;

/** A project's number is an `integer` in Postgres. */
export const PROJECT_ID_MAX = 2 ** 31 - 1;

export const WINDOW_ID_LENGTH_MAX = 64;
export const USER_ID_LENGTH_MAX = 256;

/** A recorded person with all traits, as JSON: they travel in the envelope, beside the body that is bounded. */
export const USER_LENGTH_MAX = 16 * 1024;

/** Levels of objects and arrays that a recorded person's traits may nest, the person included. */
export const USER_DEPTH_MAX = 100;

/** A custom event's name. */
export const EVENT_NAME_LENGTH_MAX = 200;

/** The recorded site's version, and where it runs. */
export const RELEASE_LENGTH_MAX = 128;
export const ENVIRONMENT_LENGTH_MAX = 64;

export const URL_LENGTH_MAX = 16 * 1024;

/** Deeper JSON is refused before it is parsed: real DOM snapshots stay far below, hostile bodies do not. */
export const JSON_DEPTH_MAX = 2_000;

/**
 * Objects, lists, and what lies in them, of a batch of which all is parsed. Real events that tell facts have some hundreds,
 * and 12 MiB of small custom events, the most that a body of `POST /e` inflates to, 600,000. As objects and lists, a
 * million take about a second and 100 MB.
 */
export const VALUES_MAX = 1_000_000;

/** The largest time value of ECMAScript (ECMA-262, 21.4.1.1), in ms. */
export const TIMESTAMP_MS_MAX = 8.64e15;
