/** What the edge tells a recorder of its project, and what follows from it for a session and for a batch. */
import type { RecorderSettings } from "../../protocol/recorder-settings.ts";
import { isSampledIn } from "../../protocol/sampling.ts";
import type { SealedBatch } from "./batch.ts";
import { readJson, takeJson, writeJson } from "./web-storage.ts";

/** Longer than this nothing waits for it: the edge refuses by itself what the project does not record. */
const ANSWER_MS_MAX = 2_000;
/** No project keeps a claim open for longer: what comes later would be refused. */
const BATCH_AGE_DAYS_MAX = 30;
const DAY_MS = 24 * 60 * 60_000;

interface Answer {
  sample_rate: number;
  recording: boolean;
  /** None where the edge is older than the member. */
  retention_days?: number;
  recorder?: RecorderSettings;
}

export interface Settings {
  /** What the project wants of its recorders: options of `init`, where the page does not set them itself. */
  readonly recorder: RecorderSettings | undefined;
  /** The edge has been asked and has answered, or has not in time. */
  readonly isAnswered: boolean;
  /**
   * `GET /config` (edge/routes/config.ts), for a minute from the browser's cache. Null where there is no answer in time.
   * @param sessionId one that was begun is recorded to its end, though a quota is used up
   */
  ask(sessionId: string): Promise<Answer | null>;
  /** Goes by an answer from here on. @returns whether the project wants other options than before */
  heed(answer: Answer | null): boolean;
  /** Why the project takes nothing of a session, in the edge's words; null where it does, or nobody has said. */
  refusal(sessionId: string): "quota_used_up" | "sampled_out" | null;
  /** Likewise of a batch. */
  refusalOf(batch: SealedBatch): string | null;
  /** Deletes what is stored of them. */
  forget(): void;
}

export function openSettings(host: string, key: string): Settings {
  const storageName = `rrhog.settings.${key}`;
  /**
   * What the edge last said, before it answers and where it does not: how to record. Whether to is not remembered, or a
   * site whose visitors cannot reach `/config` would go by what held once.
   */
  let current: Answer = {
    ...(readJson("localStorage", storageName) as Answer | null),
    sample_rate: 1,
    recording: true,
  };
  let isAnswered = false;

  function refusal(sessionId: string): "quota_used_up" | "sampled_out" | null {
    if (!current.recording) return "quota_used_up";
    return isSampledIn(sessionId, current.sample_rate) ? null : "sampled_out";
  }

  return {
    get recorder() {
      return current.recorder;
    },
    get isAnswered() {
      return isAnswered;
    },
    async ask(sessionId) {
      const abort = new AbortController();
      const timeout = setTimeout(() => abort.abort(), ANSWER_MS_MAX);
      try {
        const response = await fetch(`${host}/config?k=${encodeURIComponent(key)}&session_id=${sessionId}`, {
          credentials: "omit",
          signal: abort.signal,
        });
        const answer = (await response.json()) as Answer;
        if (typeof answer.sample_rate !== "number" || typeof answer.recording !== "boolean") return null;
        writeJson("localStorage", storageName, answer);
        return answer;
      } catch {
        return null;
      } finally {
        clearTimeout(timeout);
      }
    },
    heed(answer) {
      const before = JSON.stringify(current.recorder);
      current = answer ?? current;
      isAnswered = true;
      return JSON.stringify(current.recorder) !== before;
    },
    refusal,
    refusalOf({ sealedAt, sessionId }) {
      const days = Math.min(current.retention_days ?? BATCH_AGE_DAYS_MAX, BATCH_AGE_DAYS_MAX);
      return sealedAt < Date.now() - days * DAY_MS ? "too_old" : refusal(sessionId);
    },
    forget: () => void takeJson("localStorage", storageName),
  };
}
