import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { readSettings, type Settings } from "../env.ts";
import { knownRelays, relayFigures, relayHealth } from "./client.ts";

/** A platform with jurisdictions, which no local runtime has, and what is asked of it. */
function platform(listed: string[]) {
  const asked: string[] = [];
  const namespace = (jurisdiction: string) => ({
    getByName: (name: string) => {
      asked.push(`${jurisdiction} ${name}`);
      return {
        health: async () => ({ connected: true, spooled_batches: 3, spool_full: false }),
        figures: async () => null,
      };
    },
  });
  const RELAY = { idFromName() {}, ...namespace("none"), jurisdiction: namespace };
  const REGISTRY = { idFromName() {}, getByName: () => ({ relays: async () => ({ names: listed }) }) };
  return { asked, settings: { ...readSettings(env), RELAY, REGISTRY, RELAY_SHARDS: 2 } as unknown as Settings };
}

const FRANKFURT = { continent: "eu", country: "DE", onPlatform: true } as const;

it("a relay is asked in its jurisdiction and on its continent, once, and what is no relay's name not at all", async () => {
  const { asked, settings } = platform([
    "relay:any:eu:1",
    "relay:any:oc:3",
    "relay:eu:eu:0",
    "relay:us:na:7",
    "relay:mars:xx:0",
  ]);
  const { relays } = await knownRelays(settings, FRANKFURT);
  const health = await relayHealth(settings, relays);
  expect(health.map(({ name, here, spooled_batches }) => [name, here, spooled_batches])).toEqual([
    ["relay:any:eu:0", true, 3],
    ["relay:any:eu:1", true, 3],
    ["relay:any:oc:3", false, 3],
    ["relay:eu:eu:0", false, 3],
    ["relay:us:na:7", false, 3],
  ]);
  expect(asked).toEqual([
    "none relay:any:eu:0",
    "none relay:any:eu:1",
    "none relay:any:oc:3",
    "eu relay:eu:eu:0",
    "us relay:us:na:7",
  ]);
});

it("a relay that does not answer in time is not connected, and counts nothing", async () => {
  const { settings } = platform([]);
  const never = () => new Promise<never>(() => {});
  const stub = () => ({ health: never, figures: never }) as unknown as ReturnType<Settings["RELAY"]["getByName"]>;
  const relays = [{ name: "relay:any:oc:0", here: false, stub }];
  const hasty = { ...settings, PUBLISH_BUDGET_MS: 50 };
  expect(await relayHealth(hasty, relays)).toMatchObject([{ connected: false, refusing: "relay_unreachable" }]);
  expect(await relayFigures(hasty, relays)).toEqual([]);
});
