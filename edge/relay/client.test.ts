import { abortAllDurableObjects, listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StreamedBatch } from "#protocol/message.ts";
import { type Jurisdiction, relayName, relayShard } from "#protocol/relay-name.ts";
import { SUBJECT_RRWEB } from "#protocol/subject.ts";
import { readSettings, type Settings } from "../env.ts";
import { type Place, readPlace } from "../place.ts";
import { envelopeOf, openStream, PROJECT, requestOf, SESSION } from "../test/edge.ts";
import { publish as publishBy } from "./client.ts";
import { Courier } from "./courier.ts";
import type { PublishOutcome, PublishRequest } from "./interface.ts";

let stream: Awaited<ReturnType<typeof openStream>>;
beforeAll(async () => {
  stream = await openStream();
});
afterAll(() => stream.close());

const envelope = envelopeOf();
const body = new TextEncoder().encode('{"events":[]}');
const FRANKFURT = { continent: "eu", country: "DE", onPlatform: true } as const;
const OWN_HOST = { continent: "xx", country: null, onPlatform: false } as const;
const settings = () => readSettings(env);

function publish(
  settings: Settings,
  place: Place,
  jurisdiction: Jurisdiction,
  batch: StreamedBatch,
): Promise<PublishOutcome> {
  const dispatch = { subject: SUBJECT_RRWEB, project: PROJECT, batch, jurisdiction, place } as const;
  return publishBy({ settings, courier: new Courier(5_000, false) }, dispatch, () => {});
}

async function relayExists(name: string): Promise<boolean> {
  const ids = await listDurableObjectIds(env.RELAY);
  return ids.some((id) => id.equals(env.RELAY.idFromName(name)));
}

describe("a batch goes to the relay", () => {
  it("of its continent and of its session's shard", async () => {
    const many = { ...settings(), RELAY_SHARDS: 4 };
    expect(await publish(many, FRANKFURT, "any", { envelope, body })).toMatchObject({ kind: "acked" });
    expect(await relayExists(relayName("any", "eu", relayShard(1, SESSION, 4)))).toBe(true);
  });

  it("of its project's jurisdiction by name, on a host that has none to choose", async () => {
    expect(await publish(settings(), OWN_HOST, "eu", { envelope, body })).toMatchObject({ kind: "acked" });
    expect(await relayExists("relay:eu:xx:0")).toBe(true);
  });

  it("of its jurisdiction and no other, where the platform should have it and does not", async () => {
    // This runtime has no jurisdictions: on the platform that is a failure, and no reason to leave the union.
    expect(await publish(settings(), FRANKFURT, "eu", { envelope, body })).toEqual({
      kind: "not_durable",
      reason: "relay_unreachable",
    });
  });
});

describe("versions mix for some minutes of a deploy", () => {
  it("members of a newer Worker pass through an older relay", async () => {
    const before = await stream.lastSeq();
    const newer = { ...envelope, shoe_size: 43 };
    const request = { ...requestOf([{ envelope: newer, body }]), colour: "red" };
    expect(await env.RELAY.getByName("relay:any:xx:0").publish(request)).toMatchObject({
      outcomes: [{ kind: "acked" }],
    });
    const { data } = (await stream.manager.streams.getMessage("EVENTS", { seq: before + 1 })) ?? {};
    expect(new TextDecoder().decode(data)).toContain('"shoe_size":43');
  });

  it.each([
    ["an older one", { v: 2, envelope, body }],
    ["a message that is cut off", { ...requestOf([{ envelope, body }]), message: new Uint8Array(20) }],
    ["a subject that is none of ours", { ...requestOf([{ envelope, body }]), subject: "events.other" }],
  ])("a request that a relay does not understand is not durable: %s", async (_, request) => {
    const before = await stream.lastSeq();
    const relay = env.RELAY.getByName("relay:any:xx:0");
    expect(await relay.publish(request as PublishRequest)).toEqual({
      outcomes: [{ kind: "not_durable", reason: "request_malformed" }],
      found: false,
    });
    expect(await stream.lastSeq()).toBe(before);
  });
});

it("a relay that was restarted, as a deploy does it, connects again for the next batch", async () => {
  await publish(settings(), OWN_HOST, "any", { envelope, body });
  await abortAllDurableObjects();
  expect(await publish(settings(), OWN_HOST, "any", { envelope, body })).toMatchObject({ kind: "acked" });
});

describe("a request's place", () => {
  const placeOf = (cf: object | undefined) =>
    readPlace(new Request("https://edge.example", cf ? { cf: cf as CfProperties } : {}));

  it.each([
    [{ colo: "FRA", continent: "EU", country: "DE" }, FRANKFURT],
    [
      { colo: "FRA", continent: "XX", country: "T1" },
      { continent: "xx", country: null, onPlatform: true },
    ],
    [
      { colo: "FRA", country: "XX" },
      { continent: "xx", country: null, onPlatform: true },
    ],
    [undefined, OWN_HOST],
  ])("%j", (cf, place) => {
    expect(placeOf(cf)).toEqual(place);
  });
});
