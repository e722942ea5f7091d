import type { EdgeProject } from "#protocol/edge-project.ts";
import { encodeFrames, encodeHead, type StreamedBatch } from "#protocol/message.ts";
import { type Continent, type Jurisdiction, readRelayName, relayName, relayShard } from "#protocol/relay-name.ts";
import type { Settings } from "../env.ts";
import { logRepeated } from "../log.ts";
import type { Place } from "../place.ts";
import { registryClient } from "../registry/client.ts";
import { within } from "../within.ts";
import type { Call, Courier, Defer } from "./courier.ts";
import {
  PublishAnswer,
  type PublishOutcome,
  type PublishRequest,
  RELAY_VERSION,
  RelayFigures,
  RelayHealth,
  type RelayMethods,
} from "./interface.ts";
import type { Supply } from "./line.ts";
import { lay, takeAway } from "./shared-memory.ts";

/** What a relay may take to say how it is, beyond a dial, ms: it may have to be started, on another continent. */
const ANSWER_MS_MAX = 1_000;

/** Where a relay is best made, once, at its first call. A hint is no residency: that is what a jurisdiction is for. */
const LOCATION_HINTS: Partial<Record<Continent, DurableObjectLocationHint>> = {
  af: "afr",
  as: "apac",
  eu: "weur",
  na: "enam",
  oc: "oc",
  sa: "sam",
};

/** Where a batch goes: chosen before admission, since the envelope says it. */
export interface Address {
  jurisdiction: Jurisdiction;
  place: Place;
}

export interface Dispatch extends Address {
  subject: PublishRequest["subject"];
  project: EdgeProject;
  batch: StreamedBatch;
}

/** Makes one batch durable by the relay of its session. Never rejects: a relay that cannot be reached is not durable. */
export function publish(
  { settings, courier }: { settings: Settings; courier: Courier },
  { subject, project, batch, jurisdiction, place }: Dispatch,
  defer: Defer,
): Promise<PublishOutcome> {
  const { project_id, session_id } = batch.envelope;
  const shard = relayShard(project_id, session_id, settings.RELAY_SHARDS);
  const name = relayName(jurisdiction, place.continent, shard);
  const call: Call = async (supply) => {
    const laid_at = courier.together ? lay(supply) : NOWHERE;
    try {
      await callRelay(name, relay(settings, place, jurisdiction, shard), subject, project, supply, laid_at);
    } catch (error) {
      logRepeated("relay_unreachable", { reason: error instanceof Error ? error.name : "unknown" });
    } finally {
      takeAway(laid_at);
    }
  };
  const frame = { head: encodeHead(batch.envelope, batch.body.byteLength), body: batch.body };
  return courier.deliver(`${name} ${subject} ${project_id}`, frame, call, defer);
}

/** Where nothing lies. */
const NOWHERE = "";
/** Relays that found what was laid for them the last time: they run in this isolate. */
const nearby = new Set<string>();

async function callRelay(
  name: string,
  stub: Pick<RelayMethods, "publish">,
  subject: PublishRequest["subject"],
  { project_id, requests_per_second, bytes_per_second }: EdgeProject,
  supply: Supply,
  laid_at: string,
): Promise<void> {
  const request = { v: RELAY_VERSION, subject, project_id, requests_per_second, bytes_per_second, laid_at };
  const { first } = supply;
  if (nearby.has(name)) {
    const { outcomes, found } = PublishAnswer.parse(await stub.publish({ ...request, message: null }));
    if (found && outcomes.length > 0) supply.settle(first, outcomes);
    if (found) return;
    nearby.delete(name);
  }
  const message = encodeFrames(first.frames);
  const { outcomes, found } = PublishAnswer.parse(await stub.publish({ ...request, message }));
  if (found) nearby.add(name);
  // One that found them has settled them, and says nothing more; one of an older version says it here.
  if (!found || outcomes.length > 0) supply.settle(first, outcomes);
}

export interface KnownRelay {
  name: string;
  /** Whether batches that come from this place without a jurisdiction go to it. */
  here: boolean;
  /** @throws where the platform lacks its jurisdiction */
  stub: () => DurableObjectStub<RelayMethods>;
}

/**
 * The relays of this place, those without a jurisdiction, and every other that may hold batches by the registry's word: of
 * other continents, of jurisdictions, of shards that are no more. `registry` says whether it gave that word.
 */
export async function knownRelays(
  settings: Settings,
  place: Place,
): Promise<{ relays: KnownRelay[]; registry: "ok" | "silent" }> {
  const listed = await registryClient(settings).relays();
  const here = Array.from({ length: settings.RELAY_SHARDS }, (_, shard) => relayName("any", place.continent, shard));
  const elsewhere = (listed ?? []).filter((name) => !here.includes(name));
  const relays = [...here, ...elsewhere].flatMap((name, i) => {
    const address = readRelayName(name);
    if (!address) return [];
    const { jurisdiction, continent, shard } = address;
    const stub = () => relay(settings, { ...place, continent }, jurisdiction, shard);
    return [{ name, here: i < here.length, stub }];
  });
  return { relays, registry: listed ? "ok" : "silent" };
}

/** How they are. One that does not answer in time is not connected and takes nothing. */
export function relayHealth(
  settings: Settings,
  relays: readonly KnownRelay[],
): Promise<({ name: string; here: boolean } & RelayHealth)[]> {
  return Promise.all(
    relays.map(async ({ name, here, stub }) => {
      const health = await answer(settings, async () => RelayHealth.parse(await stub().health()));
      const unreachable = () => RelayHealth.parse({ connected: false, refusing: "relay_unreachable" });
      return { name, here, ...(health ?? unreachable()) };
    }),
  );
}

/** What they have counted; those that do not answer are left out. */
export async function relayFigures(
  settings: Settings,
  relays: readonly KnownRelay[],
): Promise<({ name: string } & RelayFigures)[]> {
  const answers = await Promise.all(
    relays.map(async ({ name, stub }) => {
      const figures = await answer(settings, async () => RelayFigures.parse(await stub().figures()));
      return figures && { name, ...figures };
    }),
  );
  return answers.filter((figures) => figures !== null);
}

/** A relay may be dialling, which is bounded; what takes much longer is no answer. */
function answer<T>(settings: Settings, ask: () => Promise<T>): Promise<T | null> {
  return within(ask(), settings.PUBLISH_BUDGET_MS + ANSWER_MS_MAX).catch(() => null);
}

function relay(settings: Settings, place: Place, jurisdiction: Jurisdiction, shard: number) {
  const namespace = settings.RELAY;
  // Off the platform there is no jurisdiction to choose: the data is on the operator's own host, wherever that stands.
  const located = jurisdiction === "any" || !place.onPlatform ? namespace : namespace.jurisdiction(jurisdiction);
  const hint = LOCATION_HINTS[place.continent];
  return located.getByName(relayName(jurisdiction, place.continent, shard), hint && { locationHint: hint });
}
