/** Worker and relay of different versions, by the samples that edge/test/samples/ keeps: see docs/versions.md. */
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSettings } from "../env.ts";
import { envelopeOf, openStream, PROJECT } from "../test/edge.ts";
import samples from "../test/samples/relay.json" with { type: "json" };
import { publish } from "./client.ts";
import { Courier } from "./courier.ts";
import type { PublishRequest, RelayMethods } from "./interface.ts";

let stream: Awaited<ReturnType<typeof openStream>>;
beforeAll(async () => {
  stream = await openStream();
});
afterAll(() => stream.close());

const bytes = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

describe("a relay takes the request of a Worker", () => {
  it.each(samples.requests)("$name", async ({ request, message, body, answer, batches }) => {
    const before = await stream.lastSeq();
    const sent = {
      ...request,
      ...(message !== undefined && { message: message && bytes(message) }),
      ...(body !== undefined && { body: bytes(body) }),
    } as PublishRequest;
    expect(await env.RELAY.getByName(`relay:any:xx:test-${crypto.randomUUID()}`).publish(sent)).toMatchObject(answer);
    const stored = await stream.batchesAfter(before);
    expect(stored.map(({ envelope }) => envelope.batch_id)).toEqual(batches);
  });
});

describe("a Worker takes the answer of a relay", () => {
  it.each(samples.answers)("$name", async ({ answer, outcome }) => {
    const relay = { publish: async () => answer } as unknown as DurableObjectStub<RelayMethods>;
    const RELAY = { getByName: () => relay } as unknown as typeof env.RELAY;
    const settings = { ...readSettings(env), RELAY };
    const dispatch = {
      subject: "events.rrweb",
      project: PROJECT,
      batch: { envelope: envelopeOf(), body: new Uint8Array() },
      jurisdiction: "any",
      place: { continent: "xx", country: null, onPlatform: false },
    } as const;
    expect(await publish({ settings, courier: new Courier(1_000, false) }, dispatch, () => {})).toEqual(outcome);
  });
});
