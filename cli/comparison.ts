/** What was sent against what was read back, event by event. */
import { canonicalJson } from "./canonical-json.ts";

export interface Comparison {
  /** Sent events that were read back equal as JSON. */
  equal: number;
  /** Of these, the ones whose very bytes came back at their place. */
  identical: number;
  /** Sent and not read back. */
  lost: number;
  /** Read back more often than sent. */
  doubled: number;
  /** Read back and never sent: a changed event counts here, and its original as lost. */
  foreign: number;
  /** Place of the first event that is not the one sent there; null where the whole order is right. */
  firstMisplaced: number | null;
}

/** A recording may hold the same event twice, so events are counted, not merely looked up. */
export function compareEvents(sent: readonly string[], got: readonly string[]): Comparison {
  const identical = sent.reduce((sum, text, i) => sum + Number(got[i] === text), 0);
  if (identical === sent.length && got.length === sent.length) {
    return { equal: sent.length, identical, lost: 0, doubled: 0, foreign: 0, firstMisplaced: null };
  }
  const sentKeys = sent.map(canonicalJson);
  const gotKeys = got.map(canonicalJson);
  const sentCounts = countEach(sentKeys);
  const gotCounts = countEach(gotKeys);
  let lost = 0;
  for (const [key, count] of sentCounts) lost += Math.max(0, count - (gotCounts.get(key) ?? 0));
  let doubled = 0;
  let foreign = 0;
  for (const [key, count] of gotCounts) {
    const expected = sentCounts.get(key);
    if (expected === undefined) foreign += count;
    else doubled += Math.max(0, count - expected);
  }
  const longest = Math.max(sentKeys.length, gotKeys.length);
  let place = 0;
  while (place < longest && sentKeys[place] === gotKeys[place]) place++;
  return {
    equal: sent.length - lost,
    identical,
    lost,
    doubled,
    foreign,
    firstMisplaced: place === longest ? null : place,
  };
}

export function isWhole({ lost, doubled, foreign, firstMisplaced }: Comparison): boolean {
  return lost === 0 && doubled === 0 && foreign === 0 && firstMisplaced === null;
}

function countEach(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
