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

/** By hash of project and session: one session's batches share a relay, and so its groups. */
export function relayShard(projectId: number, sessionId: string, shards: number): number {
  return hash32(`${projectId}:${sessionId}`) % shards;
}

/** Where a relay stands, as subjects name it: `{jurisdiction}-{continent}`. */
export function relayRegion(jurisdiction: Jurisdiction, continent: Continent): string {
  return `${jurisdiction}-${continent}`;
}

const RELAY_NAME = new RegExp(`^relay:(${JURISDICTIONS.join("|")}):(${CONTINENTS.join("|")}):(0|[1-9]\\d{0,2})$`);

/** What `relayName` was given; null for what is no relay's name. */
export function readRelayName(
  name: string,
): { jurisdiction: Jurisdiction; continent: Continent; shard: number } | null {
  const [, jurisdiction, continent, shard] = RELAY_NAME.exec(name) ?? [];
  if (!jurisdiction) return null;
  return { jurisdiction: jurisdiction as Jurisdiction, continent: continent as Continent, shard: Number(shard) };
}
