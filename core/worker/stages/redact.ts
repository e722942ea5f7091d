/**
 * What a project wants made unreadable becomes so here, before anything is derived of it or stored: whatever follows, rows,
 * facts and counts, is made of what is left. The rules are asked of Postgres for each lot, never remembered: an old copy of
 * a batch must not bring back what later rules took away. The batch keeps its id, which is that of the bytes as sent.
 */
import {
  type CompiledRules,
  compileRules,
  REDACTED_VALUES_MAX,
  redactEvents,
  redactText,
  redactValue,
} from "#core/facts/redaction/redact.ts";
import { addCounts, DEFAULT_RULES, RedactionRules, type RuleCounts } from "#core/facts/redaction/rules.ts";
import type { Sql } from "#core/store/postgres/client.ts";
import { currentRules } from "#core/store/postgres/redaction-rules.ts";
import type { Envelope } from "#protocol/envelope.ts";
import { type Dead, dead, type Held, held } from "../verdict.ts";
import type { ClaimedBatch } from "./claim.ts";
import { parseEvent } from "./decode.ts";
import { newReading } from "./reading.ts";

export type RedactedBatch = ClaimedBatch & {
  /** Of the rules that it went through. */
  rules_version: number;
  redactions: RuleCounts;
};

export interface VersionedRules {
  version: number;
  rules: CompiledRules;
}

/** The rules that hold now, by project. */
export async function rulesOf(
  projectIds: readonly number[],
  sql: Sql,
): Promise<ReadonlyMap<number, VersionedRules> | Held> {
  try {
    const stored = await currentRules(sql, [...new Set(projectIds)]);
    return new Map([...stored].map(([id, { version, rules }]) => [id, { version, rules: compiled(rules) }]));
  } catch (error) {
    return held("postgres", error);
  }
}

/**
 * @param rules has those of the batch's project
 * @param valuesMax beyond which a recording is dead
 */
export function redact(
  batch: ClaimedBatch,
  rules: ReadonlyMap<number, VersionedRules>,
  valuesMax: number = REDACTED_VALUES_MAX,
): RedactedBatch | Dead {
  try {
    const current = rules.get(batch.envelope.project_id);
    return current ? redacted(batch, current, valuesMax) : dead("project_gone", `project ${batch.envelope.project_id}`);
  } catch (error) {
    // As in decoding: the next worker would meet the same bytes, and nothing is stored that was not looked through.
    return dead("redact_failed", String(error));
  }
}

function redacted(
  batch: ClaimedBatch,
  { version: rules_version, rules }: VersionedRules,
  valuesMax: number,
): RedactedBatch | Dead {
  const redactions: RuleCounts = {};
  const envelope = redactEnvelope(batch.envelope, rules, redactions);
  if (batch.holds === "custom events") {
    const { value, counts } = redactValue(
      batch.events.map(({ url, props }) => ({ url, props })),
      rules,
    );
    addCounts(redactions, counts);
    const events = batch.events.map((event, idx) => ({ ...event, ...value[idx] }));
    return { ...batch, envelope, events, rules_version, redactions };
  }
  const { text, events } = batch;
  const found = redactEvents(Buffer.from(text.buffer, text.byteOffset, text.byteLength), events, rules, valuesMax);
  if (found === "too large") return dead("redact_too_large", `over ${valuesMax} values`);
  if (!found) return { ...batch, envelope, rules_version, redactions };
  addCounts(redactions, found.counts);
  const changed = new Set(found.changed);
  const reading = newReading();
  return {
    ...batch,
    envelope,
    text: found.text,
    events: found.slices.map((slice, idx) => {
      // What told nothing tells nothing now: a page need not be parsed for it.
      const isTold = events[idx]?.data !== undefined;
      const event = isTold && changed.has(idx) ? parseEvent(found.text, slice, reading) : events[idx];
      if (!event) throw new Error(`event ${idx} is no event any more`);
      return { ...event, ...slice };
    }),
    rules_version,
    redactions,
  };
}

/** The page's address and what the site tells of a person. Who they are stays: deletion of a person's data goes by it. */
function redactEnvelope(envelope: Envelope, rules: CompiledRules, redactions: RuleCounts): Envelope {
  if (!rules.any || (!envelope.url && !envelope.user)) return envelope;
  const { id, email, ...told } = envelope.user ?? {};
  const url = redactText(envelope.url ?? "", rules);
  const traits = redactValue(told, rules);
  addCounts(redactions, url.counts);
  addCounts(redactions, traits.counts);
  return {
    ...envelope,
    url: envelope.url && url.text,
    user: envelope.user && { ...traits.value, ...(id !== undefined && { id }), ...(email !== undefined && { email }) },
  };
}

/** Those that were compiled last, by their text: projects are many, and most have the same. */
const compiledRules = new Map<string, CompiledRules>();
const COMPILED_MAX = 500;

/** What holds where a project's rules cannot be read: rather too much is hidden than a secret shown, or all held up. */
const EVERY_RULE = RedactionRules.parse({ emails: true, ibans: true, jwts: true, keys: true });

function compiled(stored: unknown): CompiledRules {
  const parsed = RedactionRules.safeParse(stored ?? DEFAULT_RULES);
  const rules = parsed.success ? parsed.data : EVERY_RULE;
  const text = JSON.stringify(rules);
  const known = compiledRules.get(text);
  if (known) return known;
  if (compiledRules.size >= COMPILED_MAX) compiledRules.clear();
  const fresh = compileRules(rules);
  compiledRules.set(text, fresh);
  return fresh;
}
