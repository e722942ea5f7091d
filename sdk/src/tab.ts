/**
 * The window: one tab's life, over the pages that load in it. Its state lies in sessionStorage only while no page of
 * the tab runs: the page that arrives takes it out, the page that leaves puts it back. So a duplicated tab, which is
 * born with a copy of the storage, finds nothing there and becomes a window of its own. One that was duplicated or opened
 * from a page without a recorder finds a copy: the name of what was left lies in localStorage, until the first takes it.
 */
import type { DroppedRange } from "../../protocol/batch.ts";
import { uuid } from "./uuid.ts";
import { readJson, takeJson, writeJson } from "./web-storage.ts";

export interface Tab {
  windowId: string;
  /** The session that the members below belong to. */
  sessionId: string;
  /** `seq` of the next batch: from 0, without holes, over all pages of the tab. */
  nextSeq: number;
  /** Batches of this window with a 202. */
  acknowledged: number;
  dropped: DroppedRange[];
  /** The name that the state was left by. */
  left?: string;
}

/** Of tabs that were closed the names are never taken. */
const LEFT_MAX = 100;

/** The state that the tab's last page left, or a new window. */
export function takeTab(key: string, sessionId: string): Tab {
  const tab = takeJson("sessionStorage", storageName(key)) as Tab | null;
  const names = leftNames(key);
  const others = names.filter((name) => name !== tab?.left);
  if (!tab || others.length === names.length) return newWindow(sessionId);
  writeJson("localStorage", storageName(key), others);
  return inSession(tab, sessionId);
}

/** Leaves the state to the tab's next page. */
export function putTab(key: string, tab: Tab): void {
  const left = uuid();
  writeJson("sessionStorage", storageName(key), { ...tab, left });
  writeJson("localStorage", storageName(key), [...leftNames(key), left].slice(-LEFT_MAX));
}

/** Deletes what was left, of this tab and of the names of all. */
export function forgetTab(key: string): void {
  takeJson("sessionStorage", storageName(key));
  takeJson("localStorage", storageName(key));
}

function leftNames(key: string): string[] {
  return (readJson("localStorage", storageName(key)) as string[] | null) ?? [];
}

/** A tab that outlives its session is a new window in the next one, so that no (session, window, seq) comes twice. */
export function inSession(tab: Tab, sessionId: string): Tab {
  return tab.sessionId === sessionId ? tab : newWindow(sessionId);
}

function newWindow(sessionId: string): Tab {
  return { windowId: uuid(), sessionId, nextSeq: 0, acknowledged: 0, dropped: [] };
}

/** Notes a batch that was given up, so that the next envelope tells the ledger. Neighbours with one reason are one range. */
export function noteDropped(tab: Tab, seq: number, reason: string): void {
  const last = tab.dropped[tab.dropped.length - 1];
  if (last?.reason === reason && last.to + 1 === seq) last.to = seq;
  else if (last?.reason === reason && last.from - 1 === seq) last.from = seq;
  else tab.dropped.push({ from: seq, to: seq, reason });
}

function storageName(key: string): string {
  return `rrhog.window.${key}`;
}
