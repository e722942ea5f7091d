/**
 * Applies a project's rules to what is stored of rules before them. Session by session: what is stored of a batch goes
 * through redaction, derivation and load once more, as if it had come again; its rows have the same keys and a higher
 * version, so readers see one or the other. Then the rows of older versions are taken away, and nothing holds what the
 * rules took. All of it may be broken off at any point, and done again, by two workers at a time too.
 *
 * A worker that had read the rules before they were changed may be inserting rows of older versions at any moment of this,
 * which nobody has looked through. So only rows go that are there by a newer version as well, until all that may have read
 * older rules is settled; then what is left is of batches that were never loaded.
 */

import { z } from "zod";
import { redactValue } from "#core/facts/redaction/redact.ts";
import { addCounts, type RuleCounts } from "#core/facts/redaction/rules.ts";
import type { SessionKey } from "#core/store/clickhouse/batches.ts";
import type { ClickHouseClient } from "#core/store/clickhouse/client.ts";
import { jsonColumn } from "#core/store/clickhouse/json-column.ts";
import {
  attemptsOfOlderRules,
  customEventsOfOlderRules,
  type OlderAttempt,
  raiseCustomEvents,
  removeOlderRules,
  type StoredCustomEvent,
  sessionsOfOlderRules,
  storedEvents,
} from "#core/store/clickhouse/older-rules.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import {
  arrivingSessions,
  claimsToRedact,
  isAnyArriving,
  noteRedacted,
  noteToRedact,
  projectsToRedact,
  raiseEpochs,
  settleRedactions,
} from "#core/store/postgres/redactions.ts";
import type { ClaimedSession } from "#core/store/postgres/sessions-meta.ts";
import { reopenTombstones, type StreamPlace } from "#core/store/postgres/tombstones.ts";
import { DroppedRange } from "#protocol/batch.ts";
import { ENVELOPE_VERSION, type Envelope } from "#protocol/envelope.ts";
import type { Metrics } from "./metrics.ts";
import type { ClaimedBatch } from "./stages/claim.ts";
import { parseEvent, spanOfTimes } from "./stages/decode.ts";
import { derive } from "./stages/derive.ts";
import { load } from "./stages/load.ts";
import { parseExact } from "./stages/parse-exact.ts";
import { newReading } from "./stages/reading.ts";
import { redact, rulesOf, type VersionedRules } from "./stages/redact.ts";
import { refreshSessions } from "./stages/session-facts.ts";
import { isDead, isHeld } from "./verdict.ts";

/** Sessions between two mutations, and two notes of how far it is. */
const SESSIONS_MAX = 50;
/** A sweep has more to do: it goes on with the next. */
const SPELL_MS = 60_000;

export interface Redacting {
  sql: Sql;
  clickhouse: ClickHouseClient;
  streamPlace(): Promise<StreamPlace>;
  metrics: Metrics;
}

/** One pass over all projects that want it, or as much as a sweep's spell allows. */
export async function redactStored(redacting: Redacting): Promise<void> {
  const until = Date.now() + SPELL_MS;
  for (const projectId of await projectsToRedact(redacting.sql)) {
    if (Date.now() > until) return;
    await redactProject(projectId, until, redacting);
  }
}

async function redactProject(projectId: number, until: number, redacting: Redacting): Promise<void> {
  const { sql, clickhouse, streamPlace } = redacting;
  const rules = await freshRules(projectId, sql);
  // After the rules, which all that comes from here on is made by, and before anything is looked for: what is settled by
  // now is in the tables by now.
  const place = await streamPlace();
  const isArriving = await isAnyArriving(sql, projectId);
  const sessions = await sessionsOfOlderRules(clickhouse, projectId, rules.version);
  const isSettled = await noteToRedact(sql, projectId, sessions.length, rules.version, place);
  if (sessions.length === 0 && !isArriving) await settleRedactions(sql, projectId, place);
  for (let at = 0; at < sessions.length && Date.now() <= until; at += SESSIONS_MAX) {
    await redactSessions(projectId, sessions.slice(at, at + SESSIONS_MAX), isSettled ? rules.version : null, redacting);
  }
}

/** @param settled the rules by which nothing is under way any more that had read older ones; null for none */
async function redactSessions(
  projectId: number,
  sessionIds: readonly string[],
  settled: number | null,
  { sql, clickhouse, metrics }: Redacting,
): Promise<void> {
  const rules = await freshRules(projectId, sql);
  const keys = sessionIds.map((session_id) => ({ project_id: projectId, session_id }));
  const arriving = new Set((await arrivingSessions(sql, keys)).map(({ session_id }) => session_id));
  // What has no claim is deleted, and only has rows to take away.
  const claims = await claimsToRedact(sql, keys);
  const claimed = new Set(claims.map(({ session_id }) => session_id));
  const found: RuleCounts = {};
  let events_changed = 0;
  for (const claim of claims) {
    try {
      const done = await redactSession(claim, rules, { clickhouse, metrics });
      addCounts(found, done.found);
      events_changed += done.changed;
    } finally {
      // One that was deleted since its claim was read has rows again: another worker sweeps where this one takes long.
      await reopenTombstones(sql, [claim]);
    }
  }
  const { all = [], replaced = [] } = Object.groupBy(sessionIds, (id) =>
    !claimed.has(id) || (settled === rules.version && !arriving.has(id)) ? "all" : "replaced",
  );
  const removed: Record<string, number> = {};
  for (const [ids, which] of [
    [replaced, "replaced"],
    [all, "all"],
  ] as const) {
    const some = await removeOlderRules(clickhouse, projectId, ids, rules.version, which);
    for (const [table, rows] of Object.entries(some)) removed[table] = (removed[table] ?? 0) + rows;
  }
  await raiseEpochs(sql, keys);
  orThrow(await refreshSessions(keys, { sql, clickhouse }));
  await noteRedacted(sql, projectId, { sessions: sessionIds.length, events_changed, found, removed });
  for (const [table, rows] of Object.entries(removed)) metrics.removedRows.inc({ table, why: "redacted" }, rows);
}

type Loading = Pick<Redacting, "clickhouse" | "metrics">;
interface Redacted {
  changed: number;
  found: RuleCounts;
}

async function redactSession(claim: ClaimedSession, rules: VersionedRules, loading: Loading): Promise<Redacted> {
  const sum = await redactCustomEvents(claim, rules, loading.clickhouse);
  const attempts = await attemptsOfOlderRules(loading.clickhouse, claim, rules.version);
  for (const ofBatch of Map.groupBy(attempts, ({ batch_id }) => batch_id).values()) {
    const stored = await storedEvents(loading.clickhouse, claim, ofBatch[0] as OlderAttempt);
    const reading = newReading();
    const events = stored.slices.map((slice) => {
      const event = parseEvent(stored.text, slice, reading);
      if (!event) throw new Error("what is stored is no event");
      return event;
    });
    const span = spanOfTimes(events.map(({ timestamp }) => timestamp));
    for (const [i, attempt] of ofBatch.entries()) {
      const done = await redactBatch(
        { ...streamed(claim, attempt), claim, holds: "recording", text: stored.text, events, ...span },
        rules,
        loading,
      );
      // Attempts of one batch share their events.
      if (i > 0) continue;
      addCounts(sum.found, done.found);
      sum.changed += done.changed;
    }
  }
  await assertNone(attemptsOfOlderRules(loading.clickhouse, claim, rules.version));
  return sum;
}

/** What is taken away next must be there by the new rules: looked for once more rather than believed. */
async function assertNone(left: Promise<readonly unknown[]>): Promise<void> {
  const { length } = await left;
  if (length > 0) throw new Error(`${length} rows of older rules have no newer one`);
}

async function redactBatch(batch: ClaimedBatch, rules: VersionedRules, loading: Loading): Promise<Redacted> {
  // What is stored has to become clean, however long it takes: a batch that was no candidate for older rules may be one now.
  const redacted = orThrow(redact(batch, new Map([[batch.envelope.project_id, rules]]), Number.POSITIVE_INFINITY));
  for (const verdict of orThrow(await load([orThrow(derive(redacted))], loading))) orThrow(verdict);
  const [before, after] = [batch, redacted] as const;
  const changed =
    before.holds === "recording" && after.holds === "recording" && before.text !== after.text
      ? before.events.filter(({ start, end }, i) => {
          const now = after.events[i];
          return (
            !now || Buffer.compare(before.text.subarray(start, end), after.text.subarray(now.start, now.end)) !== 0
          );
        }).length
      : 0;
  return { changed, found: redacted.redactions };
}

/** As it stood on the stream, but for its body. */
function streamed(session: SessionKey, attempt: OlderAttempt): Pick<ClaimedBatch, "stream_seq" | "envelope" | "body"> {
  const {
    event_count: _,
    events_bytes,
    body_bytes,
    dropped,
    is_end,
    user_id,
    user_email,
    user_traits,
    ...facts
  } = attempt;
  const traits = z.record(z.string(), z.unknown()).parse(JSON.parse(user_traits));
  const user = {
    ...traits,
    ...(user_id !== null && { id: user_id }),
    ...(user_email !== null && { email: user_email }),
  };
  const envelope: Envelope = {
    v: ENVELOPE_VERSION,
    project_id: session.project_id,
    session_id: session.session_id,
    ...facts,
    events_offset: 0,
    events_length: events_bytes,
    dropped: z.array(DroppedRange).parse(JSON.parse(dropped)),
    end: is_end,
    user: Object.keys(user).length > 0 ? user : null,
  };
  return { stream_seq: 0, envelope, body: new Uint8Array(body_bytes) };
}

async function redactCustomEvents(
  session: SessionKey,
  { version, rules }: VersionedRules,
  clickhouse: ClickHouseClient,
): Promise<Redacted> {
  const found: RuleCounts = {};
  const changed: StoredCustomEvent[] = [];
  const unchanged: string[] = [];
  const stored = await customEventsOfOlderRules(clickhouse, session, version);
  for (const { event_id, url, props } of stored) {
    const told = { url, props: parseExact(props) as Record<string, unknown> };
    const { value, counts } = redactValue(told, rules);
    addCounts(found, counts);
    if (Object.keys(counts).length === 0) unchanged.push(event_id);
    else changed.push({ event_id, url: value.url, props: jsonColumn(value.props) });
  }
  await raiseCustomEvents(clickhouse, session, version, changed, unchanged);
  await assertNone(customEventsOfOlderRules(clickhouse, session, version));
  return { changed: changed.length, found };
}

async function freshRules(projectId: number, sql: Sql): Promise<VersionedRules> {
  const rules = orThrow(await rulesOf([projectId], sql)).get(projectId);
  if (!rules) throw new Error("no rules");
  return rules;
}

/** In a sweep nothing is held or dead: it is tried again with the next. */
function orThrow<T extends object>(verdict: T): Exclude<T, { kind: "dead" | "held" }> {
  if (isHeld(verdict)) throw new Error(`${verdict.engine}: ${verdict.why}`);
  if (isDead(verdict)) throw new Error(`${verdict.reason}: ${verdict.detail}`);
  return verdict as Exclude<T, { kind: "dead" | "held" }>;
}
