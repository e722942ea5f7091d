/**
 * The way of a batch through the Worker: address, headers, key, body, content, admission, relay. The formats differ in how
 * a body tells its facts and its events, and in the subject that they go to.
 */
import type { Context } from "hono";
import type { BatchFacts, Receipt } from "#protocol/batch.ts";
import type { Envelope } from "#protocol/envelope.ts";
import { FRAMED_INFLATED_BYTES_MAX, JSON_INFLATED_BYTES_MAX } from "#protocol/limits.ts";
import { relayRegion } from "#protocol/relay-name.ts";
import { SUBJECT_ANALYTICS, SUBJECT_RRWEB } from "#protocol/subject.ts";
import { admit } from "./admit.ts";
import { parseAnalyticsBatch } from "./analytics-batch.ts";
import { countAnswer, reportAnswers } from "./answers.ts";
import { checkBodyHeaders, giveBack, inflateBody, readSent } from "./body.ts";
import { authorise, keyOutsideBody, overAddressLimit, type Query, RETRY_AFTER, readSentAt } from "./caller.ts";
import type { EdgeEnv } from "./edge-env.ts";
import { isFramed, parseFramedBatch, readFramedFacts } from "./framed-batch.ts";
import { type ParsedBatch, parseJsonBatch } from "./json-batch.ts";
import { acceptedHeaders, readableBy } from "./origin.ts";
import { readPlace } from "./place.ts";
import { accept, type Result, refuse, rejectionResponse } from "./rejection.ts";
import { publish } from "./relay/client.ts";
import type { PublishOutcome } from "./relay/interface.ts";

interface Format {
  name: Envelope["format"];
  subject: typeof SUBJECT_RRWEB | typeof SUBJECT_ANALYTICS;
  inflatedBytesMax: number;
  parse(inflated: Uint8Array): Result<ParsedBatch>;
}

const JSON_FORMAT: Format = {
  name: "json",
  subject: SUBJECT_RRWEB,
  inflatedBytesMax: JSON_INFLATED_BYTES_MAX,
  parse: parseJsonBatch,
};

const ANALYTICS_FORMAT: Format = {
  name: "analytics",
  subject: SUBJECT_ANALYTICS,
  inflatedBytesMax: JSON_INFLATED_BYTES_MAX,
  parse: parseAnalyticsBatch,
};

function framedFormat(facts: BatchFacts): Format {
  return {
    name: "framed",
    subject: SUBJECT_RRWEB,
    inflatedBytesMax: FRAMED_INFLATED_BYTES_MAX,
    parse: (inflated) => parseFramedBatch(facts, inflated),
  };
}

/** A batch of rrweb events, in either format. */
export function takeBatch(c: Context<EdgeEnv>): Promise<Response> {
  return take(c, (query) => {
    if (!isFramed(query)) return accept(JSON_FORMAT);
    const facts = readFramedFacts(query);
    return facts.ok ? accept(framedFormat(facts.value)) : facts;
  });
}

/** A batch of custom events. */
export function takeAnalytics(c: Context<EdgeEnv>): Promise<Response> {
  return take(c, () => accept(ANALYTICS_FORMAT));
}

type FormatOf = (query: Query) => Result<Format>;

async function take(c: Context<EdgeEnv>, formatOf: FormatOf): Promise<Response> {
  const origin = c.req.header("Origin") ?? null;
  const result = await receive(c, formatOf, origin);
  const { FIGURES } = c.env.settings;
  if (FIGURES) reportAnswers(FIGURES, Date.now());
  if (result.ok) {
    countAnswer(202, result.value.durable);
    return new Response(JSON.stringify(result.value), { status: 202, headers: acceptedHeaders(origin) });
  }
  const originRefused = result.rejection.code === "origin_not_allowed";
  return rejectionResponse(result.rejection, readableBy(originRefused ? null : origin));
}

async function receive(c: Context<EdgeEnv>, formatOf: FormatOf, origin: string | null): Promise<Result<Receipt>> {
  const counted = overAddressLimit(c);
  const overLimit = counted && (await counted);
  if (overLimit) return overLimit;
  const encoding = checkBodyHeaders(c.req.raw.headers);
  if (!encoding.ok) return encoding;
  const query: Query = c.req.query();
  const sentAt = readSentAt(c, query);
  if (!sentAt.ok) return sentAt;
  const format = formatOf(query);
  if (!format.ok) return format;
  const { name, subject, inflatedBytesMax, parse } = format.value;

  // A key outside the body is checked before the body is read, so that a stranger's costs nothing.
  const outerKey = keyOutsideBody(c, query);
  const early = outerKey === null ? null : await authorise(c, outerKey, origin);
  if (early && !early.ok) return early;
  const sent = await readSent(c.req.raw);
  if (!sent.ok) return sent;
  const body = inflateBody(sent.value, encoding.value, inflatedBytesMax);
  if (!body.ok) return body;
  const parsed = parse(body.value.inflated);
  if (!parsed.ok) return parsed;
  const project = early ?? (await authorise(c, parsed.value.key, origin));
  if (!project.ok) return project;

  const { project_id, quota_used_up } = project.value;
  const sessionId = parsed.value.facts.session_id;
  // A batch without a session's id is a session of its own, and new.
  const mayFinish = quota_used_up !== null && sessionId !== undefined && sessionId !== null;
  const isFinishing = mayFinish && (await c.env.begunSessions.has(project_id, sessionId));
  const place = readPlace(c.req.raw);
  const { jurisdiction } = project.value;
  const envelope = await admit(project.value, body.value, parsed.value, {
    format: name,
    receivedAt: Date.now(),
    sentAt: sentAt.value,
    userAgent: c.req.header("User-Agent") ?? null,
    country: place.country,
    region: relayRegion(jurisdiction, place.continent),
    isFinishing,
  });
  if (!envelope.ok) return envelope;
  if (body.value.inflated !== sent.value) giveBack(body.value.inflated);
  const batch = { envelope: envelope.value, body: sent.value };
  const dispatch = { subject, project: project.value, batch, jurisdiction, place };
  const outcome = await publish(c.env, dispatch, (work) => c.executionCtx.waitUntil(work));
  if (outcome.kind === "acked" || outcome.kind === "spooled") giveBack(sent.value);
  return receiptOf(envelope.value, outcome);
}

function receiptOf({ session_id, batch_id }: Envelope, outcome: PublishOutcome): Result<Receipt> {
  switch (outcome.kind) {
    case "acked":
    case "spooled": {
      const durable = outcome.kind === "acked" ? "stream" : "spool";
      return accept({ status: "accepted", session_id, batch_id, durable, ...(outcome.want && { want: outcome.want }) });
    }
    case "limited":
      return refuse("rate_limited", { limit: outcome.limit, retryAfter: outcome.retry_after_s });
    case "gone":
      return refuse("session_deleted");
    case "not_durable":
      return refuse("batch_not_durable", { detail: `The relay says: ${outcome.reason}.`, retryAfter: RETRY_AFTER });
  }
}
