import { hash32 } from "./hash32.ts";

/** Continents as the platform tells them (`request.cf.continent`), and `xx` where it tells none. */
export const CONTINENTS = ["af", "an", "as", "eu", "na", "oc", "sa", "xx"] as const;
export type Continent = (typeof CONTINENTS)[number];

/** Where a project's data may be held before it reaches the core. Part of the relay's name, since hints are no residency. */
export const JURISDICTIONS = ["any", "eu", "us"] as const;
export type Jurisdiction = (typeof JURISDICTIONS)[number];

/** `relay:{jurisdiction}:{continent}:{shard}`. A name is for ever: what it spooled can only be found under it. */
export function relayName(jurisdiction: Jurisdiction, continent: Continent, shard: number): string {
  return `relay:${jurisdiction}:${continent}:${shard}`;
}

export interface RelayPlace {
  jurisdiction: Jurisdiction;
  continent: Continent;
  shard: number;
}

/** What a relay's name says; null where it is none. */
export function parseRelayName(name: string): RelayPlace | null {
  const [, jurisdiction, continent, shard] = /^relay:([a-z]+):([a-z]{2}):(\d{1,2})$/.exec(name) ?? [];
  const found = {
    jurisdiction: JURISDICTIONS.find((known) => known === jurisdiction),
    continent: CONTINENTS.find((known) => known === continent),
  };
  if (!found.jurisdiction || !found.continent) return null;
  return { jurisdiction: found.jurisdiction, continent: found.continent, shard: Number(shard) };
}

/** By hash of project and session: one session's batches share a relay, and so its groups. */
export function relayShard(projectId: number, sessionId: string, shards: number): number {
  return hash32(`${projectId}:${sessionId}`) % shards;
}

/** Where a relay stands, as subjects name it: `{jurisdiction}-{continent}`. */
export function relayRegion(jurisdiction: Jurisdiction, continent: Continent): string {
  return `${jurisdiction}-${continent}`;
}
