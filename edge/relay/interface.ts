/**
 * What the Worker and its relays say to each other. A deploy mixes their versions for some minutes: members are only ever
 * added, both sides check what they get, and whatever one does not understand is not durable.
 */
import * as z from "zod";
import { Envelope } from "#protocol/envelope.ts";

export const RELAY_VERSION = 1;

export const PublishRequest = z.object({
  v: z.int().min(1),
  /** Loose: a newer Worker's members pass through an older relay. */
  envelope: Envelope.loose(),
  /** As sent, in `envelope.encoding`. */
  body: z.custom<Uint8Array>((value) => value instanceof Uint8Array, "bytes"),
});
export type PublishRequest = z.input<typeof PublishRequest>;

/** Why there is no PubAck. After the first two the message may be in the stream all the same. */
export const NOT_DURABLE_REASONS = [
  "timeout",
  "connection_lost",
  "not_connected",
  "stream_full",
  "no_stream",
  "refused",
  "request_malformed",
  "relay_unreachable",
] as const;
export type NotDurableReason = (typeof NOT_DURABLE_REASONS)[number];

export const PublishOutcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("acked"), stream: z.string(), seq: z.int().positive() }),
  z.object({ kind: z.literal("not_durable"), reason: z.enum(NOT_DURABLE_REASONS).catch("refused") }),
]);
export type PublishOutcome = z.infer<typeof PublishOutcome>;

export const RelayHealth = z.object({
  connected: z.boolean(),
  /** Why the last publish failed, if that was in the last ten seconds and none has succeeded since. */
  refusing: z.enum(NOT_DURABLE_REASONS).nullable().catch(null),
});
export type RelayHealth = z.infer<typeof RelayHealth>;

/** A relay as its callers see it. */
export interface RelayMethods extends Rpc.DurableObjectBranded {
  /** Puts one batch on the stream: `acked` only when JetStream has said that it holds the message. */
  publish(request: PublishRequest): Promise<PublishOutcome>;
  /** Whether a batch that came now would be made durable, as far as can be known without one. */
  health(): Promise<RelayHealth>;
}
