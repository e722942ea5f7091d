/**
 * Who the visitor is, as the site told it with `identify`. It travels in the envelope of each batch from then on, so a
 * batch alone cannot tell whether it is the first that has it: each one has a `$identify`, at its first event, and
 * readers count the first of those in a row that name the same person (`countedIdentities`). Of the traits only the
 * address is in it; `batches.user_traits` has them all.
 */
import { given } from "./bounds.ts";
import type { FactEvent } from "./page-view.ts";

export interface RecordedPerson {
  id?: string | null | undefined;
  email?: string | null | undefined;
}

export interface Identity {
  idx: number;
  /** The client's clock, ms. */
  ts: number;
  props: { id?: string; email?: string };
}

export function identities(events: readonly FactEvent[], person: RecordedPerson | null | undefined): Identity[] {
  const [first] = events;
  const props = given({ id: person?.id ?? undefined, email: person?.email ?? undefined });
  if (!first || Object.keys(props).length === 0) return [];
  return [{ idx: 0, ts: first.timestamp, props }];
}

/** Those that count, of the candidates of one session in time order. */
export function countedIdentities<I extends { props: Record<string, unknown> }>(candidates: readonly I[]): I[] {
  const told = ({ props: { id, email } }: I) => JSON.stringify([id, email]);
  return candidates.filter((candidate, i) => {
    const before = candidates[i - 1];
    return before === undefined || told(before) !== told(candidate);
  });
}
