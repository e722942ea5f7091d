import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { EdgeProject } from "#protocol/edge-project.ts";
import { type RegistryClient, registryClient } from "../registry/client.ts";
import { giveKey, steer } from "../test/edge.ts";
import { httpCore } from "./core.ts";
import { CORE_REST_MS, FRESH_MS, KEPT_MS, Keys, RENEW_AFTER_MS, UNKNOWN_MS } from "./keys.ts";

/** Long, since a busy machine is no silent core. */
const PATIENCE_MS = 10_000;

const HOUR_MS = 60 * 60 * 1_000;

let now: number;
let keys: Keys;
let registry: RegistryClient;
/** What the registry was told and asked since the test began. */
let told: (EdgeProject | null)[];
let recalled: number;
let deferred: Promise<unknown>[];
let key: string;
let asked: number;
let made = 0;

beforeEach(async () => {
  await steer({ core: "ok" });
  // So long ago that no test passes the registry's own clock, which takes no word of the future.
  now = Date.now() - 20 * HOUR_MS;
  deferred = [];
  told = [];
  recalled = 0;
  const client = registryClient({ REGISTRY: env.REGISTRY, CORE_TIMEOUT_MS: PATIENCE_MS });
  registry = {
    ...client,
    coreSaid: (hash, project, saidAt) => {
      told.push(project);
      return client.coreSaid(hash, project, saidAt);
    },
    recallKey: (hash) => {
      recalled++;
      return client.recallKey(hash);
    },
  };
  key = await giveKey(`key_${made++}`);
  keys = coldIsolate();
  asked = (await steer({})).asked;
});

const coldIsolate = (secret = env.EDGE_SECRET, patienceMs = PATIENCE_MS) =>
  new Keys(httpCore(env.CORE_URL, secret, patienceMs), registry, () => now);

/** What goes on beside the requests, and what comes of that. */
async function settled(): Promise<void> {
  while (deferred.length > 0) await Promise.all(deferred.splice(0));
}

const lookUp = (name = key) => keys.lookUp(name, (work) => deferred.push(work), null);
const kindOf = async (name = key) => (await lookUp(name)).kind;
/** Look-ups that the core got since the test began. */
const lookUps = async () => (await steer({})).asked - asked;
const take = (name: string) => steer({ key: { name, project: null } });

describe("a key that the core knows", () => {
  it("is asked for once, and holds for 30 s", async () => {
    expect(await lookUp()).toMatchObject({ kind: "known", project: { project_id: 1, key_kind: "write" } });
    now += RENEW_AFTER_MS - 1;
    await lookUp();
    expect(await lookUps()).toBe(1);
  });

  it("is renewed beside a request from 20 s on, by one request, so that nobody waits", async () => {
    await lookUp();
    await settled();
    now += RENEW_AFTER_MS;
    await Promise.all([lookUp(), lookUp(), lookUp()]);
    expect(deferred.length).toBe(1);
    await settled();
    expect(await lookUps()).toBe(2);
    now += RENEW_AFTER_MS - 1;
    expect(await kindOf()).toBe("known");
    expect(await lookUps()).toBe(2);
  });

  it("stops within 30 s of being revoked", async () => {
    await lookUp();
    await take(key);
    now += FRESH_MS;
    expect(await kindOf()).toBe("unknown");
  });

  it("holds for a day while the core does not answer, and no longer", async () => {
    await lookUp();
    for (const mode of ["gone", "broken", "foreign"] as const) {
      await steer({ core: mode });
      now += FRESH_MS;
      expect(await kindOf(), mode).toBe("known");
    }
    now += KEPT_MS;
    expect(await kindOf()).toBe("not_checkable");
  });

  it.each([
    ["however long it is", `https://${"a".repeat(60_000)}.example`],
    ["whatever bytes are in it", "https://a\x01.example"],
    ["whatever bytes are in it", "https://\x7f"],
    ["whatever bytes are in it", "https://münchen.example"],
    ["and be it nothing", ""],
  ])("is found with the origin that its page tells of, %s", async (_, origin) => {
    const answer = await keys.lookUp(key, (work) => deferred.push(work), origin);
    expect(answer.kind).toBe("known");
    expect(await lookUps()).toBe(1);
  });

  it("is not lost to a core that takes the edge for a stranger", async () => {
    keys = coldIsolate("wrong secret");
    expect(await kindOf()).toBe("not_checkable");
  });
});

describe("while the core does not answer", () => {
  it("only one request in three seconds asks it, and the others do not wait", async () => {
    keys = coldIsolate(env.EDGE_SECRET, 1_000);
    await lookUp();
    await steer({ core: "slow" });
    now += FRESH_MS;
    expect(await kindOf()).toBe("known");
    expect(await lookUps()).toBe(2);
    await Promise.all(Array.from({ length: 20 }, () => lookUp()));
    expect(await lookUps()).toBe(2);
    now += CORE_REST_MS;
    const kinds = await Promise.all(Array.from({ length: 20 }, () => kindOf()));
    expect(new Set(kinds)).toEqual(new Set(["known"]));
    expect(await lookUps()).toBe(3);
  });

  it("a key never seen cannot be checked, and can when the core is back", async () => {
    await steer({ core: "gone" });
    expect(await kindOf()).toBe("not_checkable");
    await steer({ core: "ok" });
    now += CORE_REST_MS;
    expect(await kindOf()).toBe("known");
  });

  it("a key revoked meanwhile stops with the first answer of the core", async () => {
    await lookUp();
    await steer({ core: "gone" });
    now += FRESH_MS;
    expect(await kindOf()).toBe("known");
    await take(key);
    await steer({ core: "ok" });
    now += CORE_REST_MS;
    expect(await kindOf()).toBe("unknown");
  });
});

describe("a key that nobody has", () => {
  it("is remembered for ten seconds", async () => {
    expect(await kindOf("nobody")).toBe("unknown");
    now += UNKNOWN_MS - 1;
    expect(await kindOf("nobody")).toBe("unknown");
    expect(await lookUps()).toBe(1);
    await giveKey("nobody");
    now += 1;
    expect(await kindOf("nobody")).toBe("known");
    await take("nobody");
  });

  it("is refused without a look-up when it is longer than any key", async () => {
    expect(await kindOf("k".repeat(257))).toBe("unknown");
    expect(await lookUps()).toBe(0);
  });
});

describe("an isolate that has never heard of a key", () => {
  /** Another isolate has heard the core, and has told the registry. */
  async function heardElsewhere(): Promise<void> {
    expect(await kindOf()).toBe("known");
    await settled();
    keys = coldIsolate(env.EDGE_SECRET, 1_000);
    recalled = 0;
  }

  it.each(["gone", "slow", "broken", "foreign"] as const)("asks the registry while the core is %s", async (mode) => {
    await heardElsewhere();
    await steer({ core: mode });
    now += FRESH_MS;
    expect(await lookUp()).toMatchObject({ kind: "known", project: { project_id: 1, key_kind: "write" } });
    expect(await kindOf("nobody's")).toBe("not_checkable");
  });

  it("asks it once, and never while the core answers", async () => {
    await heardElsewhere();
    await lookUp();
    expect(recalled).toBe(0);
    keys = coldIsolate();
    await steer({ core: "gone" });
    now += FRESH_MS;
    for (let i = 0; i < 5; i++) await lookUp();
    expect(recalled).toBe(1);
    for (let i = 0; i < 5; i++) await lookUp("nobody's");
    expect(recalled).toBe(2);
  });

  it("keeps what it hears for a day since the core said it", async () => {
    await heardElsewhere();
    await steer({ core: "gone" });
    now += KEPT_MS - 1;
    expect(await kindOf()).toBe("known");
    now += 1;
    expect(await kindOf()).toBe("not_checkable");
    keys = coldIsolate();
    expect(await kindOf()).toBe("not_checkable");
  });

  it("asks the core for it as soon as that answers", async () => {
    await heardElsewhere();
    await steer({ core: "gone" });
    now += FRESH_MS;
    expect(await kindOf()).toBe("known");
    await take(key);
    await steer({ core: "ok" });
    now += CORE_REST_MS;
    expect(await kindOf()).toBe("unknown");
  });

  it("need not ask the core for what it said less than 30 s ago, and does after that", async () => {
    await heardElsewhere();
    await steer({ core: "gone" });
    now += FRESH_MS - 1;
    expect(await kindOf()).toBe("known");
    await take(key);
    await steer({ core: "ok" });
    now += CORE_REST_MS;
    expect(await kindOf()).toBe("unknown");
  });

  it("answers that it cannot be checked when the registry is silent too, and leaves it alone for a while", async () => {
    await heardElsewhere();
    await steer({ core: "gone" });
    const whole = registry;
    registry = { ...whole, recallKey: async () => ({ kind: "silent" }) };
    keys = coldIsolate();
    now += FRESH_MS;
    expect(await kindOf()).toBe("not_checkable");
    registry.recallKey = whole.recallKey;
    expect([await kindOf(), recalled]).toEqual(["not_checkable", 0]);
    now += CORE_REST_MS;
    expect([await kindOf(), recalled]).toEqual(["known", 1]);
  });
});

describe("the registry is told what the core says", () => {
  const hashOf = async (name: string) =>
    Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name))).toString("hex");
  const onRecord = async () => registry.recallKey(await hashOf(key));

  /** The key is in use for so long, with a look-up when its time has come. */
  async function inUseFor(ms: number): Promise<void> {
    for (const until = now + ms; now < until; ) {
      now += RENEW_AFTER_MS;
      await lookUp();
      await settled();
    }
  }

  it("beside the request: no answer waits for it", async () => {
    registry = { ...registry, coreSaid: () => new Promise(() => {}) };
    keys = coldIsolate();
    expect(await kindOf()).toBe("known");
  });

  it("once an hour while nothing changes", async () => {
    const first = now;
    await inUseFor(HOUR_MS);
    expect([told.length, await onRecord()]).toEqual([1, expect.objectContaining({ saidAt: first + RENEW_AFTER_MS })]);
    await inUseFor(RENEW_AFTER_MS);
    expect([told.length, await onRecord()]).toEqual([2, expect.objectContaining({ saidAt: now })]);
  });

  it("at once when the project has changed", async () => {
    await inUseFor(2 * RENEW_AFTER_MS);
    await giveKey(key, { retention_days: 7 });
    await inUseFor(RENEW_AFTER_MS);
    expect(told.length).toBe(2);
    expect(await onRecord()).toMatchObject({ kind: "known", project: { retention_days: 7 }, saidAt: now });
  });

  it("with the next answer of the core, if it did not hear", async () => {
    const whole = registry;
    registry = { ...whole, coreSaid: async () => ({ kind: "silent" }) };
    keys = coldIsolate();
    await inUseFor(RENEW_AFTER_MS);
    registry.coreSaid = whole.coreSaid;
    await inUseFor(RENEW_AFTER_MS);
    expect([told.length, await onRecord()]).toEqual([1, expect.objectContaining({ saidAt: now })]);
  });

  it("and forgets a revoked key", async () => {
    await inUseFor(RENEW_AFTER_MS);
    await take(key);
    now += FRESH_MS;
    expect(await kindOf()).toBe("unknown");
    await settled();
    expect(await onRecord()).toEqual({ kind: "unknown" });
    await steer({ core: "gone" });
    keys = coldIsolate();
    expect(await kindOf()).toBe("not_checkable");
  });

  it("also by an isolate that had not known it", async () => {
    await inUseFor(RENEW_AFTER_MS);
    await take(key);
    keys = coldIsolate();
    expect(await kindOf()).toBe("unknown");
    await settled();
    expect(await onRecord()).toEqual({ kind: "unknown" });
  });

  it("of made-up keys ten times a second at most", async () => {
    for (let i = 0; i < 20; i++) await lookUp(`made_up_${i}`);
    expect(told.length).toBe(1);
    now += 100;
    await lookUp("made_up_later");
    expect(told.length).toBe(2);
  });
});
