/**
 * What the Worker and its relays say to each other. A deploy mixes their versions for some minutes: members are only ever
 * added, both sides check what they get, and whatever one does not understand is not durable.
 */
import * as z from "zod";
import { SUBJECT_ANALYTICS, SUBJECT_RRWEB } from "#protocol/subject.ts";

/** 3: a request carries the batches of several clients, of one project and subject. */
export const RELAY_VERSION = 3;

export const PublishRequest = z.object({
  v: z.int().min(1),
  subject: z.enum([SUBJECT_RRWEB, SUBJECT_ANALYTICS]),
  project_id: z.int().positive(),
  /** The project's limits over all relays; null for the defaults. */
  requests_per_second: z.number().positive().nullable(),
  bytes_per_second: z.number().positive().nullable(),
  /** 1..n batches as a message (protocol/message.ts): the relay adds nothing to them. Null to one that found the last ones. */
  message: z.custom<Uint8Array>((value) => value instanceof Uint8Array, "bytes").nullable(),
  /** Where they lie as well, should the relay run in this isolate: see shared-memory.ts. */
  laid_at: z.string(),
});
export type PublishRequest = z.input<typeof PublishRequest>;

/** Why there is no PubAck. After the first two the message may be in the stream all the same. */
const NO_PUBACK_REASONS = [
  "timeout",
  "connection_lost",
  "not_connected",
  /** PubAcks have been late, one after the other: nothing is published but probes. */
  "server_slow",
  "stream_full",
  "no_stream",
  /** For ever: larger than the server or the stream takes. */
  "message_too_large",
  "refused",
  /** More waits in the relay's memory than it may hold. */
  "relay_busy",
] as const;
export type NoPubAckReason = (typeof NO_PUBACK_REASONS)[number];

/** Why a batch is in neither of the two. */
const NOT_DURABLE_REASONS = [
  ...NO_PUBACK_REASONS,
  "spool_full",
  /** Its storage threw, as it does for some moments of a deploy. */
  "spool_failed",
  "request_malformed",
  "relay_unreachable",
] as const;
export type NotDurableReason = (typeof NOT_DURABLE_REASONS)[number];

const PROJECT_LIMITS = ["project_requests", "project_bytes"] as const;
export type ProjectLimit = (typeof PROJECT_LIMITS)[number];

/** What the recorder of this batch is asked for (protocol/repair.ts). A wish that is not known costs no batch its 202. */
const want = z
  .array(z.string())
  .transform((wishes) => wishes.filter((wish) => wish === "snapshot"))
  .optional()
  .catch(undefined);

export const PublishOutcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("acked"), stream: z.string(), seq: z.int().positive(), want }),
  /** In the relay's storage, from where it goes to the stream later. `reason`: why not at once. */
  z.object({ kind: z.literal("spooled"), reason: z.enum(NO_PUBACK_REASONS).catch("refused"), want }),
  z.object({ kind: z.literal("not_durable"), reason: z.enum(NOT_DURABLE_REASONS).catch("refused") }),
  /** Over a limit of its project, and in neither. */
  z.object({ kind: z.literal("limited"), limit: z.enum(PROJECT_LIMITS), retry_after_s: z.number().positive() }),
  /** Of a session that was deleted, and in neither. */
  z.object({ kind: z.literal("gone") }),
]);
export type PublishOutcome = z.infer<typeof PublishOutcome>;

export const PublishAnswer = z.object({
  /**
   * One for all batches of the request, or one for each in their order; none when it was not sent them and found none, or
   * found them and has settled them.
   */
  outcomes: z.array(PublishOutcome),
  /** Whether it found the batches where they lie. */
  found: z.boolean(),
});
export type PublishAnswer = z.infer<typeof PublishAnswer>;

/** The defaults are what an older relay, which does not say it, is. */
export const RelayHealth = z.object({
  connected: z.boolean(),
  /** Why the last publish failed, if that was in the last ten seconds and none has succeeded since. */
  refusing: z.enum(NOT_DURABLE_REASONS).nullable().catch(null),
  /** `open`: the server is too slow, batches are spooled at once and single messages try it. */
  breaker: z.enum(["closed", "open"]).default("closed"),
  spooled_batches: z.int().default(0),
  spooled_bytes: z.int().default(0),
  /** How long the oldest spooled batch has waited, ms. */
  oldest_age_ms: z.number().nullable().default(null),
  /** Spooled batches that the server will not take as it is configured now; tried again daily. */
  stuck: z.int().default(0),
  /** Whether the spool takes no more. */
  spool_full: z.boolean().default(true),
});
export type RelayHealth = z.infer<typeof RelayHealth>;

/** What a relay has counted since it was started. */
export const RelayFigures = z.object({
  /** Batches answered, by how: `acked`, `spooled {reason}`, `not_durable {reason}` or `limited {limit}`. */
  answers: z.record(z.string(), z.int()),
  /** Messages that brought those PubAcks, drained ones included. */
  messages: z.int(),
  /** Spooled batches that have reached the stream. */
  drained: z.int(),
  /** PubAcks that took at most this many ms; `+Inf` counts all. */
  puback_ms: z.record(z.string(), z.int()),
  puback_ms_sum: z.number(),
});
export type RelayFigures = z.infer<typeof RelayFigures>;

/** A relay as its callers see it. */
export interface RelayMethods extends Rpc.DurableObjectBranded {
  /** Makes batches durable: `acked` once JetStream holds one, `spooled` once the relay's own storage does. */
  publish(request: PublishRequest): Promise<PublishAnswer>;
  /** Whether a batch that came now would be made durable, as far as can be known without one. */
  health(): Promise<z.input<typeof RelayHealth>>;
  figures(): Promise<RelayFigures>;
}
