/**
 * What Workers and relays say to the registry, and it to them. A deploy mixes their versions for some minutes: members are
 * only ever added, both sides check what they get, and what one does not understand counts as not known.
 */
import * as z from "zod";
import { EdgeProject } from "#protocol/edge-project.ts";
import { readRelayName } from "#protocol/relay-name.ts";

export const REGISTRY_VERSION = 1;

/** One object for the whole account, wherever that came to stand: it holds hashes, settings and names, nobody's data. */
export const REGISTRY_NAME = "registry";

/**
 * How old "when the core last said so" may grow before it is written anew, ms. Longer saves rows; what is kept for a day
 * is then forgotten that much sooner.
 */
export const REFRESH_MS = 60 * 60 * 1_000;

const Version = z.int().min(1);
/** Hex SHA-256 of a key: the key itself stays with the Worker. */
const KeyHash = z.string().regex(/^[0-9a-f]{64}$/);
/** Ms since 1970, by the clock of whoever was told. */
const SaidAt = z.int().min(0);

/** The core has said this of a key. */
export const KeyStatement = z.object({
  v: Version,
  key_hash: KeyHash,
  /** Null: nobody has the key. Loose: a newer Worker's members pass through an older registry. */
  project: EdgeProject.loose().nullable(),
  said_at: SaidAt,
});
export type KeyStatement = z.input<typeof KeyStatement>;

export const KeyQuestion = z.object({ v: Version, key_hash: KeyHash });
export type KeyQuestion = z.input<typeof KeyQuestion>;

export const KeyMemory = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("known"), project: EdgeProject, said_at: SaidAt }),
  z.object({ kind: z.literal("unknown") }),
]);
export type KeyMemory = z.input<typeof KeyMemory>;

/** A relay's word of itself: whether it may hold batches that no stream has yet. */
export const RelayStatement = z.object({
  v: Version,
  name: z.string().refine((name) => readRelayName(name) !== null, "a relay's name"),
  may_hold: z.boolean(),
  said_at: SaidAt,
});
export type RelayStatement = z.input<typeof RelayStatement>;

export const Note = z.discriminatedUnion("kind", [
  /** `said_at`: of what is on record now, null where that is nothing. */
  z.object({ kind: z.literal("noted"), said_at: SaidAt.nullable() }),
  /** Not understood, or larger than the registry takes: saying it again soon changes nothing. */
  z.object({ kind: z.literal("refused") }),
]);
export type Note = z.infer<typeof Note>;

/** Names of the relays that may hold batches. */
export const RelayList = z.object({ names: z.array(z.string()) });
export type RelayList = z.infer<typeof RelayList>;

/** The registry as its callers see it. */
export interface RegistryMethods extends Rpc.DurableObjectBranded {
  coreSaid(statement: KeyStatement): Promise<Note>;
  recallKey(question: KeyQuestion): Promise<KeyMemory>;
  relaySays(statement: RelayStatement): Promise<Note>;
  relays(): Promise<RelayList>;
}
