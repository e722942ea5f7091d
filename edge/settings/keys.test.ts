import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { giveKey, steer } from "../test/edge.ts";
import { httpCore } from "./core.ts";
import { CORE_REST_MS, FRESH_MS, KEPT_MS, Keys, RENEW_AFTER_MS, UNKNOWN_MS } from "./keys.ts";

/** Long, since a busy machine is no silent core. */
const PATIENCE_MS = 10_000;

let now: number;
let keys: Keys;
let deferred: Promise<unknown>[];
let key: string;
let asked: number;
let made = 0;

beforeEach(async () => {
  await steer({ core: "ok" });
  now = 1_000_000;
  deferred = [];
  key = await giveKey(`key_${made++}`);
  keys = new Keys(httpCore(env.CORE_URL, env.EDGE_SECRET, PATIENCE_MS), () => now);
  asked = (await steer({})).asked;
});

const lookUp = (name = key) => keys.lookUp(name, (work) => deferred.push(work));
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
    now += RENEW_AFTER_MS;
    await Promise.all([lookUp(), lookUp(), lookUp()]);
    await Promise.all(deferred);
    expect([deferred.length, await lookUps()]).toEqual([1, 2]);
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

  it("is not lost to a core that takes the edge for a stranger", async () => {
    keys = new Keys(httpCore(env.CORE_URL, "wrong secret", PATIENCE_MS), () => now);
    expect(await kindOf()).toBe("not_checkable");
  });
});

describe("while the core does not answer", () => {
  it("only one request in three seconds asks it, and the others do not wait", async () => {
    keys = new Keys(httpCore(env.CORE_URL, env.EDGE_SECRET, 1_000), () => now);
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
