/** What the edge tells a recorder of its project, and what follows from it for a session. */
import type { RecorderSettings } from "../../protocol/recorder-settings.ts";
import { isSampledIn } from "../../protocol/sampling.ts";
import { readJson, writeJson } from "./web-storage.ts";

/** Longer than this nothing waits for it: the edge refuses by itself what the project does not record. */
const ANSWER_MS_MAX = 2_000;

export interface Settings {
  sample_rate: number;
  recording: boolean;
  /** None where the edge is older than the member. */
  retention_days?: number;
  /** What the project wants of its recorders: options of `init`, where the page does not set them itself. */
  recorder?: RecorderSettings;
}

/**
 * What the edge last said, before it answers and where it does not: how to record. Whether to is not remembered, or a
 * site whose visitors cannot reach `/config` would go by what held once.
 */
export function lastSettings(key: string): Settings {
  return { ...(readJson("localStorage", storageName(key)) as Settings | null), sample_rate: 1, recording: true };
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
    const settings = (await response.json()) as Settings;
    if (typeof settings.sample_rate !== "number" || typeof settings.recording !== "boolean") return null;
    writeJson("localStorage", storageName(key), settings);
    return settings;
  } catch {
    return null;
  } finally {
    clearTimeout(timeout);
  }
}

/** Why the project takes nothing of a session, in the edge's words; null where it does, or nobody has said. */
export function refusal(
  { recording, sample_rate }: Settings,
  sessionId: string,
): "quota_used_up" | "sampled_out" | null {
  if (!recording) return "quota_used_up";
  return isSampledIn(sessionId, sample_rate) ? null : "sampled_out";
}

function storageName(key: string): string {
  return `rrhog.settings.${key}`;
}
