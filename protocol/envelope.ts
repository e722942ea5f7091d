import * as z from "zod";
import { ClientMs, DroppedRange, Seq, SessionId, WindowId } from "./batch.ts";
import { PROJECT_ID_MAX, TIMESTAMP_MS_MAX } from "./limits.ts";

export const ENVELOPE_VERSION = 1;

/** How the body on the stream is compressed: the `Content-Encoding` it came with, or what its first bytes showed. */
export const BodyEncoding = z.enum(["identity", "gzip", "deflate", "br"]);
export type BodyEncoding = z.infer<typeof BodyEncoding>;

/**
 * The facts about one batch that travel with it on the stream. Written by the edge at admission, read by the worker.
 * Edge and core are deployed apart: members are only ever added, and a reader ignores those it does not know. A batch that
 * cannot be read without knowing something new says so by a new `format` or `encoding` (docs/versions.md).
 */
export const Envelope = z.object({
  /** Counts what was added, for who looks at an envelope. Any is read: a higher one has more members, none that differ. */
  v: z.int().min(1),
  project_id: z.int().positive().max(PROJECT_ID_MAX),
  session_id: SessionId,
  /** `''` for clients that do not know windows. */
  window_id: WindowId,
  seq: Seq,
  /** See batch-id.ts. */
  batch_id: z.guid(),
  /** The edge's clock at admission, ms. With `batch_id` it names the attempt. */
  received_at: z.number().min(0).max(TIMESTAMP_MS_MAX),
  /** Which of the two made the 202 true. */
  durable: z.enum(["stream", "spool"]),
  /**
   * `json` and `framed` are batches of rrweb events (`POST /i`); `analytics` is a batch of custom events (`POST /e`,
   * analytics.ts), whose `seq` is 0 and counts in no ledger.
   */
  format: z.enum(["json", "framed", "analytics"]),
  encoding: BodyEncoding,
  /** Where the `events` array lies in the inflated body: byte offset and length, brackets included. */
  events_offset: z.int().min(0),
  events_length: z.int().min(2),
  /**
   * Where the relay stands that took it (relay-name.ts `relayRegion`): hints for the recorder go there. No batch is lost
   * for a region of another form: it gets no hints.
   */
  region: z
    .string()
    .regex(/^[a-z]+-[a-z]+$/)
    .nullish()
    .catch(null),
  /** The client's clock at this attempt, ms. */
  sent_at: ClientMs.nullish(),
  /** The client's clock when the batch was closed, ms. */
  sealed_at: ClientMs.nullish(),
  sealed_through: Seq.nullish(),
  dropped: z.array(DroppedRange.loose()).nullish(),
  end: z.boolean().nullish(),
  url: z.string().nullish(),
  user: z.looseObject({ id: z.string().nullish(), email: z.string().nullish() }).nullish(),
  user_agent: z.string().nullish(),
  /** ISO 3166-1 alpha-2, where the platform tells it. The address itself never leaves the edge. */
  country: z.string().nullish(),
  sdk: z.string().nullish(),
  release: z.string().nullish(),
  environment: z.string().nullish(),
});
export type Envelope = z.infer<typeof Envelope>;
