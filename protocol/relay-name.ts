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

/** FNV-1a (32 bit, draft-eastlake-fnv-17) of project and session: one session's batches share a relay, and so its groups. */
export function relayShard(projectId: number, sessionId: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${projectId}:${sessionId}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return hash % shards;
}
