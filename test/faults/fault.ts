/** What a fault is, and what it is done to. */
import type { Sent } from "./batches.ts";
import type { Health } from "./health.ts";
import type { Traffic, TrafficOptions } from "./traffic.ts";

/** A system under traffic, and how to look into it. */
export interface Rig {
  traffic: TrafficOptions;
  /** What the edge says of itself; null while it says nothing. */
  health(): Promise<Health | null>;
  /** The process of workerd now; null while there is none. */
  edgePid(): number | null;
  /**
   * Resolves when all that has its 202 by now has gone the whole way that this rig looks at.
   * @throws Error with what is left of the way when that takes too long
   */
  caughtUp(timeoutMs: number): Promise<void>;
  /** Reads back what is stored, once nothing is sent any more. */
  count(sent: Sent): Promise<Count>;
  /** Ends every process of it. */
  stop(): Promise<void>;
}

/** What was accepted against what was found. */
export interface Count {
  /** Batches with a 202 that are nowhere, or not with the bytes that were sent. */
  lost: number;
  /** Batches that a reader gets more than once; null where only the stream was read, in which copies may lie. */
  doubled: number | null;
  /**
   * Sessions of which the API tells something else than the client knows: the ledger, or the order of the events. A line
   * each; null where only the stream was read.
   */
  untrue: readonly string[] | null;
  /** Batches that lie in the stream once more than they had to; null where only the API was read. */
  copies: number | null;
  /** Stored and never accepted: bad input, or bytes of which nobody knows. */
  foreign: number;
}

/** What was seen while a fault was there. */
export interface Seen {
  spooled: number;
  /** 503s and 429s to batches that were good. */
  refused: number;
  unanswered: number;
  /** 503s to bad requests, whose key could not be checked. */
  uncheckable: number;
  breakerOpened: boolean;
  /** 202s from the stream while the spool held something. */
  streamedBesideSpool: number;
}

export interface Fault<R extends Rig> {
  name: string;
  /** One line for people. */
  what: string;
  /** How long it holds in the matrix, s, where the default is too short for it to show. */
  seconds?: number;
  /** How often it is done in the matrix, where the default is too seldom. */
  rounds?: number;
  /** Does it. May go on until `until` (ms since 1970), where once is not enough. */
  inject(rig: R, traffic: Traffic, until: number): Promise<void>;
  /** Undoes it: from here on the seconds to recover are counted. */
  mend(rig: R, traffic: Traffic): Promise<void>;
  /**
   * Whether clients saw of it what they must: in front of the stream a fault without effect proves nothing, and what lies
   * behind it must not be felt there at all.
   */
  shows(seen: Seen): boolean;
  /** Whether the memory of workerd is part of the outcome. */
  watchesMemory?: true;
  /** What to say of it after its last round. */
  remark?(): string;
}

/** Why a fault cannot be done here, in a few words for the table. */
export class NotPossibleHere extends Error {
  override name = "NotPossibleHere";
}
