/** A recording as a file has it: windows of batches of events, each event the very slice of the file that it was. */
import type { DroppedRange } from "#protocol/batch.ts";

/** A tab that a file does not name. */
export const NAMELESS_WINDOW = "import";

/** What a batch said of itself beside its events, as far as a file tells. */
export interface BatchSaid {
  url?: string | null;
  user_id?: string | null;
  user_email?: string | null;
  user_agent?: string | null;
  country?: string | null;
  release?: string | null;
  environment?: string | null;
  sealed_through?: number | null;
  dropped?: DroppedRange[];
  end?: boolean;
}

export interface FileBatch {
  seq: number;
  said: BatchSaid;
  events: Uint8Array[];
}

export interface FileWindow {
  window_id: string;
  batches: FileBatch[];
}

export interface FileRecording {
  windows: FileWindow[];
  events: number;
  /** Least and greatest time of the events, by the recorded browser's clock, ms. */
  firstTs: number;
  lastTs: number;
}
