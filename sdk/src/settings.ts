/** What the edge tells a recorder of its project, and what follows from it for a session. */
import { isSampledIn } from "../../protocol/sampling.ts";

/** Longer than this nothing waits for it: the edge refuses by itself what the project does not record. */
const ANSWER_MS_MAX = 2_000;

export interface Settings {
  sample_rate: number;
  recording: boolean;
}

/**
 * `GET /config` (edge/routes/config.ts), for a minute from the browser's cache. Null where there is no answer in time.
 * @param sessionId one that was begun is recorded to its end, though a quota is used up
 */
export async function fetchSettings(host: string, key: string, sessionId: string): Promise<Settings | null> {
  const abort = new AbortController();
  const timeout = setTimeout(() => abort.abort(), ANSWER_MS_MAX);
  try {
    const response = await fetch(`${host}/config?k=${encodeURIComponent(key)}&session_id=${sessionId}`, {
      credentials: "omit",
      signal: abort.signal,
    });
    const { sample_rate, recording } = (await response.json()) as Partial<Settings>;
    const isAnswer = typeof sample_rate === "number" && typeof recording === "boolean";
    return isAnswer ? { sample_rate, recording } : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timeout);
  }
}

/** Why the project takes nothing of a session, in the edge's words; null where it does, or nobody has said. */
export function refusal(settings: Settings | null, sessionId: string): string | null {
  if (!settings) return null;
  if (!settings.recording) return "quota_used_up";
  return isSampledIn(sessionId, settings.sample_rate) ? null : "sampled_out";
}
