import { batchId, derivedSessionId } from "#protocol/batch-id.ts";
import type { EdgeProject } from "#protocol/edge-project.ts";
import { ENVELOPE_VERSION, type Envelope } from "#protocol/envelope.ts";
import type { Body } from "./body.ts";
import type { ParsedBatch } from "./json-batch.ts";
import { accept, type Result, refuse } from "./rejection.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const USER_AGENT_LENGTH_MAX = 512;

/** What the request itself says of a batch, beside its body. */
export interface Arrival {
  /** The edge's clock, ms. */
  receivedAt: number;
  /** The client's clock at this attempt, ms. */
  sentAt: number | null;
  userAgent: string | null;
  country: string | null;
}

/** Decides on a batch and writes down its facts. Nothing after this is dropped for a key, an origin or a setting. */
export function admit(
  project: EdgeProject,
  body: Body,
  { batch, events }: ParsedBatch,
  arrival: Arrival,
): Result<Envelope> {
  // Both times from the client's clock where it tells both: then a clock that is years off harms nothing.
  const ageMs = (arrival.sentAt ?? arrival.receivedAt) - (batch.sealed_at ?? Number.POSITIVE_INFINITY);
  if (ageMs > project.retention_days * DAY_MS) {
    return refuse("batch_too_old", { detail: `The project keeps data for ${project.retention_days} days.` });
  }
  const eventBytes = body.inflated.subarray(events.start, events.end);
  const projectId = project.project_id;
  const sessionId = batch.session_id ?? derivedSessionId(projectId, eventBytes);
  const windowId = batch.window_id ?? "";
  return accept({
    v: ENVELOPE_VERSION,
    project_id: projectId,
    session_id: sessionId,
    window_id: windowId,
    seq: batch.seq,
    batch_id: batchId({ projectId, sessionId, windowId, seq: batch.seq, events: eventBytes }),
    received_at: arrival.receivedAt,
    durable: "stream",
    format: "json",
    encoding: body.encoding,
    events_offset: events.start,
    events_length: events.end - events.start,
    sent_at: arrival.sentAt,
    sealed_at: batch.sealed_at,
    sealed_through: batch.sealed_through,
    dropped: batch.dropped,
    end: batch.end,
    url: batch.url,
    user: batch.user,
    user_agent: arrival.userAgent?.slice(0, USER_AGENT_LENGTH_MAX),
    country: arrival.country,
    sdk: batch.sdk,
    release: batch.release,
    environment: batch.environment,
  });
}
