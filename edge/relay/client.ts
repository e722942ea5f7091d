import type { EdgeProject } from "#protocol/edge-project.ts";
import { encodeHead, joinFrames, type StreamedBatch } from "#protocol/message.ts";
import { type Continent, type Jurisdiction, relayName, relayShard } from "#protocol/relay-name.ts";
import type { Settings } from "../env.ts";
import { logRepeated } from "../log.ts";
import type { Place } from "../place.ts";
import type { Call, Courier, Defer } from "./courier.ts";
import {
  PublishAnswer,
  type PublishOutcome,
  type PublishRequest,
  RELAY_VERSION,
  RelayFigures,
  RelayHealth,
} from "./interface.ts";

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
  const line = `${relayName(jurisdiction, place.continent, shard)} ${subject} ${project_id}`;
  const call: Call = async (frames) => {
    try {
      const { requests_per_second, bytes_per_second } = project;
      const message = joinFrames(
        frames.length,
        frames.flatMap(({ head, body }) => [head, body]),
      );
      const request = { v: RELAY_VERSION, subject, project_id, requests_per_second, bytes_per_second, message };
      return PublishAnswer.parse(await relay(settings, place, jurisdiction, shard).publish(request));
    } catch (error) {
      logRepeated("relay_unreachable", { reason: error instanceof Error ? error.name : "unknown" });
      return [{ kind: "not_durable", reason: "relay_unreachable" }];
    }
  };
  return courier.deliver(
    line,
    { head: encodeHead(batch.envelope, batch.body.byteLength), body: batch.body },
    call,
    defer,
  );
}

/** How the relays of this place are, those without a jurisdiction: one of their own kind is like another. */
export async function relayHealth(settings: Settings, place: Place): Promise<({ name: string } & RelayHealth)[]> {
  return Promise.all(
    relaysOf(settings, place).map(async ({ name, stub }) => {
      try {
        return { name, ...RelayHealth.parse(await stub.health()) };
      } catch {
        return { name, ...RelayHealth.parse({ connected: false, refusing: "relay_unreachable" }) };
      }
    }),
  );
}

/** What they have counted; those that do not answer are left out. */
export async function relayFigures(settings: Settings, place: Place): Promise<({ name: string } & RelayFigures)[]> {
  const answers = await Promise.all(
    relaysOf(settings, place).map(async ({ name, stub }) => {
      try {
        return { name, ...RelayFigures.parse(await stub.figures()) };
      } catch {
        return null;
      }
    }),
  );
  return answers.filter((answer) => answer !== null);
}

function relaysOf(settings: Settings, place: Place) {
  return Array.from({ length: settings.RELAY_SHARDS }, (_, shard) => ({
    name: relayName("any", place.continent, shard),
    stub: relay(settings, place, "any", shard),
  }));
}

function relay(settings: Settings, place: Place, jurisdiction: Jurisdiction, shard: number) {
  const namespace = settings.RELAY;
  // Off the platform there is no jurisdiction to choose: the data is on the operator's own host, wherever that stands.
  const located = jurisdiction === "any" || !place.onPlatform ? namespace : namespace.jurisdiction(jurisdiction);
  const hint = LOCATION_HINTS[place.continent];
  return located.getByName(relayName(jurisdiction, place.continent, shard), hint && { locationHint: hint });
}
