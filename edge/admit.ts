import { derivedSessionId, digestedBatchId } from "#protocol/batch-id.ts";
import type { EdgeProject } from "#protocol/edge-project.ts";
import { ENVELOPE_VERSION, type Envelope } from "#protocol/envelope.ts";
import { isSampledIn } from "#protocol/sampling.ts";
import type { Body } from "./body.ts";
import type { ParsedBatch } from "./json-batch.ts";
import { accept, type Result, refuse } from "./rejection.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const USER_AGENT_LENGTH_MAX = 512;

/** What the request itself says of a batch, beside its body. */
export interface Arrival {
  format: Envelope["format"];
  /** The edge's clock, ms. */
  receivedAt: number;
  /** The client's clock at this attempt, ms. */
  sentAt: number | null;
  userAgent: string | null;
  country: string | null;
  /** Where its relay stands. */
  region: string;
  /** Whether its session was begun before a quota was used up; false where none is. */
  isFinishing: boolean;
}

/**
 * Decides on a batch and writes down its facts. Nothing after this is dropped for a key, an origin, a quota or a setting:
 * only the limits of a second are held by the relay, which sees the requests of all isolates.
 */
export async function admit(
  project: EdgeProject,
  body: Body,
  { facts, events }: ParsedBatch,
  arrival: Arrival,
): Promise<Result<Envelope>> {
  const { project_id: projectId, quota_used_up: usedUp } = project;
  if (usedUp && !arrival.isFinishing) {
    const seconds = Math.ceil((usedUp.resets_at - arrival.receivedAt) / 1_000);
    return refuse("quota_used_up", { limit: `quota_${usedUp.quota}`, stop: true, retryAfter: Math.max(1, seconds) });
  }
  // Both times from the client's clock where it tells both: then a clock that is years off harms nothing.
  const ageMs = (arrival.sentAt ?? arrival.receivedAt) - (facts.sealed_at ?? Number.POSITIVE_INFINITY);
  if (ageMs > project.retention_days * DAY_MS) {
    return refuse("batch_too_old", { detail: `The project keeps data for ${project.retention_days} days.` });
  }
  const eventBytes = body.inflated.subarray(events.start, events.end);
  const sessionId = facts.session_id ?? derivedSessionId(projectId, eventBytes);
  if (project.sample_rate < 1 && !isSampledIn(sessionId, project.sample_rate)) {
    return refuse("sampled_out", { stop: true });
  }
  const windowId = facts.window_id ?? "";
  return accept({
    v: ENVELOPE_VERSION,
    project_id: projectId,
    session_id: sessionId,
    window_id: windowId,
    seq: facts.seq,
    batch_id: await digestedBatchId({ projectId, sessionId, windowId, seq: facts.seq, events: eventBytes }),
    received_at: arrival.receivedAt,
    durable: "stream",
    format: arrival.format,
    encoding: body.encoding,
    events_offset: events.start,
    events_length: events.end - events.start,
    region: arrival.region,
    sent_at: arrival.sentAt,
    sealed_at: facts.sealed_at,
    sealed_through: facts.sealed_through,
    dropped: facts.dropped,
    end: facts.end,
    url: facts.url,
    user: facts.user,
    user_agent: arrival.userAgent?.slice(0, USER_AGENT_LENGTH_MAX),
    country: arrival.country,
    sdk: facts.sdk,
    release: facts.release,
    environment: facts.environment,
  });
}
