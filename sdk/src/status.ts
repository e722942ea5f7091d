/** How the recording of a page stands. */

/**
 * What becomes of what happens now: it is sent (`recording`); sent once the session has lasted for its least duration, or
 * nothing, as nobody has called `start` (`waiting`); kept in memory until an error or an event (`buffering`); or nothing.
 */
export type State =
  | "recording"
  | "waiting"
  | "buffering"
  | "ignored_url"
  | "sampled_out"
  | "stopped"
  /** The edge's reason to take nothing more, e.g. `quota_used_up`. */
  | (string & {});

/** How the recording stands, for a page that wants to show it. */
export interface Status {
  /** Events are captured, be it into memory alone. */
  recording: boolean;
  state: State;
  /** Null before the page starts to record. */
  session_id: string | null;
  window_id: string | null;
  /** Batches of this window that got their 202: each is safe with the server. */
  acknowledged: number;
  /** Sealed batches without a 202, those of earlier pages included. */
  pending: number;
  /** Batches of this window that were given up. */
  dropped: number;
  /** When the next attempt is due (ms of this clock) after the last one failed; null while all goes well. */
  retry_at: number | null;
}
