/**
 * The facts of a session that lists show and filter by. Pure over all its loaded attempts, its page views and its
 * claim: never added up from call to call, so that a copy, a late batch or a second worker changes nothing wrongly.
 */
import type { FactCounts } from "./batch-facts.ts";
import { type Claim, correctedMs } from "./claim.ts";
import { isInternal } from "./internal-host.ts";
import { type LoadedAttempt, type RejectedBatch, sessionLedger } from "./ledger.ts";
import { countedPageViews } from "./page-view.ts";
import { type Bot, botOf, type Client, clientOf } from "./user-agent.ts";

export interface SessionAttempt extends LoadedAttempt, FactCounts {
  /** The client's clock, ms. */
  first_ts: number;
  last_ts: number;
  event_count: number;
  events_bytes: number;
  url: string;
  user_id: string | null;
  user_email: string | null;
  user_agent: string;
  country: string;
  release: string;
  environment: string;
}

export interface SessionPageView {
  window_id: string;
  /** Corrected, ms. */
  ts: number;
  url: string;
  props: { kind: string };
}

/** Somebody whom batches of the session name, and from when to when. */
export interface SessionPerson {
  user_id: string;
  email: string | null;
  first_at: number;
  last_at: number;
}

export interface SessionFacts extends Client, FactCounts {
  batch_count: number;
  started_at: number;
  ended_at: number;
  last_received_at: number;
  event_count: number;
  events_bytes: number;
  window_count: number;
  pageview_count: number;
  user_id: string | null;
  user_email: string | null;
  /** Everybody whom a batch names, the latest first. */
  people: SessionPerson[];
  first_url: string | null;
  last_url: string | null;
  paths: string[];
  ua: string | null;
  country: string | null;
  release: string | null;
  environment: string | null;
  bot: Bot | null;
  is_internal: boolean;
  complete: boolean | null;
  incomplete_why: string | null;
  activity: number[];
}

export interface SessionRecord {
  claim: Claim;
  attempts: readonly SessionAttempt[];
  /** Candidates, in time order within each window. */
  pageViews: readonly SessionPageView[];
  rejected: readonly RejectedBatch[];
  /** The project's own, beside localhost and its like (internal-host.ts). */
  internalHosts: readonly string[];
}

const ACTIVITY_BUCKETS_MAX = 40;
const PATHS_MAX = 200;
/** Who uses a session one after the other, as against a program that makes names up. */
const PEOPLE_MAX = 100;

/**
 * @param now ms
 * @returns times in ms by the claim; null where no batch of the session is loaded
 */
export function sessionFacts(
  { claim, attempts, pageViews, rejected, internalHosts }: SessionRecord,
  now: number,
): SessionFacts | null {
  const arrived = attempts.toSorted((a, b) => a.received_at - b.received_at || (a.batch_id < b.batch_id ? -1 : 1));
  const batches = [...new Map(arrived.toReversed().map((attempt) => [attempt.batch_id, attempt])).values()]
    .map((attempt) => ({
      ...attempt,
      from: correctedMs(attempt.first_ts, claim),
      to: correctedMs(attempt.last_ts, claim),
    }))
    .sort((a, b) => a.from - b.from || a.seq - b.seq);
  const last = arrived.at(-1);
  if (!last) return null;

  const started_at = batches.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
  const ended_at = batches.reduce((greatest, { to }) => Math.max(greatest, to), Number.NEGATIVE_INFINITY);
  const counted = [...Map.groupBy(pageViews, ({ window_id }) => window_id).values()]
    .flatMap((candidates) => countedPageViews(candidates))
    .sort((a, b) => a.ts - b.ts);
  const urls = counted.length > 0 ? counted.map(({ url }) => url) : batches.flatMap(({ url }) => url || []);
  const ua = arrived.find(({ user_agent }) => user_agent !== "")?.user_agent ?? null;
  const sum = (name: keyof FactCounts | "event_count" | "events_bytes") =>
    batches.reduce((sum, batch) => sum + batch[name], 0);
  const { complete, why } = sessionLedger(attempts, rejected, now);
  return {
    batch_count: batches.length,
    started_at,
    ended_at,
    last_received_at: last.received_at,
    event_count: sum("event_count"),
    events_bytes: sum("events_bytes"),
    click_count: sum("click_count"),
    error_count: sum("error_count"),
    console_error_count: sum("console_error_count"),
    request_failed_count: sum("request_failed_count"),
    window_count: new Set(batches.map(({ window_id }) => window_id)).size,
    pageview_count: counted.length,
    ...person(arrived),
    people: peopleOf(batches),
    first_url: urls[0] ?? null,
    last_url: urls.at(-1) ?? null,
    paths: [...new Set(urls.flatMap((url) => URL.parse(url)?.pathname ?? []))].slice(0, PATHS_MAX),
    ua,
    ...clientOf(ua ?? ""),
    bot: botOf(ua ?? ""),
    is_internal: isInternal(urls[0] ?? "", internalHosts),
    country: arrived.find(({ country }) => country !== "")?.country ?? null,
    release: batches.findLast(({ release }) => release !== "")?.release ?? null,
    environment: batches.findLast(({ environment }) => environment !== "")?.environment ?? null,
    complete,
    incomplete_why: why,
    activity: activity(batches, started_at, ended_at),
  };
}

/** Who it is by the site's latest word; the address is that person's, not the one before's. */
function person(arrived: readonly SessionAttempt[]): { user_id: string | null; user_email: string | null } {
  const user_id = arrived.findLast((attempt) => attempt.user_id !== null)?.user_id ?? null;
  const same = arrived.filter((attempt) => attempt.user_id === user_id);
  return { user_id, user_email: same.findLast((attempt) => attempt.user_email !== null)?.user_email ?? null };
}

/** A batch counts as a whole for the person whom it names. */
function peopleOf(batches: readonly (SessionAttempt & { from: number; to: number })[]): SessionPerson[] {
  const named = batches.flatMap((batch) => (batch.user_id === null ? [] : [{ ...batch, user_id: batch.user_id }]));
  return [...Map.groupBy(named, ({ user_id }) => user_id)]
    .map(([user_id, theirs]) => ({
      user_id,
      email: theirs.findLast(({ user_email }) => user_email !== null)?.user_email ?? null,
      first_at: theirs.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY),
      last_at: theirs.reduce((greatest, { to }) => Math.max(greatest, to), Number.NEGATIVE_INFINITY),
    }))
    .sort((a, b) => b.last_at - a.last_at || (a.user_id < b.user_id ? -1 : 1))
    .slice(0, PEOPLE_MAX);
}

/**
 * Events in each of up to 40 equal stretches of the session, a second or more each. A batch's events are spread evenly
 * over its span; rounding happens on the running total, so that the stretches add up to the session's events.
 */
function activity(
  batches: readonly { from: number; to: number; event_count: number }[],
  startedAt: number,
  endedAt: number,
): number[] {
  const stretches = Math.min(ACTIVITY_BUCKETS_MAX, Math.max(1, Math.ceil((endedAt - startedAt) / 1_000)));
  const until = (time: number) =>
    batches.reduce((sum, { from, to, event_count }) => {
      if (time >= to) return sum + event_count;
      return time <= from ? sum : sum + (event_count * (time - from)) / (to - from);
    }, 0);
  let before = 0;
  return Array.from({ length: stretches }, (_, i) => {
    const end = i === stretches - 1 ? endedAt : startedAt + ((endedAt - startedAt) * (i + 1)) / stretches;
    const total = Math.round(until(end));
    const events = total - before;
    before = total;
    return events;
  });
}
