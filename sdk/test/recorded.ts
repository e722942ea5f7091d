/** What a recording says beside the DOM, once its page has been left. */
import type { Page } from "playwright-core";
import { expect, vi } from "vitest";
import type { SentEvent, Site } from "./site.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });

/** A page that is watched beside its DOM: the lazy part is there. */
export async function openWatched(page: Page, url: string): Promise<Page> {
  await page.goto(url);
  await isWatched(page);
  return page;
}

/** The lazy part is there: by the first that it sets up. */
export async function isWatched(page: Page): Promise<void> {
  const watched = () => !String(window.fetch).includes("[native code]");
  // By a timer: a page that draws nothing has no animation frames to look in.
  await page.waitForFunction(watched, undefined, { polling: 50 });
}

/** Leaves the page, and gives all events that it recorded. */
export async function recordingOf(page: Page, site: Site): Promise<SentEvent[]> {
  await page.close();
  await until(() => {
    expect(tagged(allOf(site), "rrhog.leave")).not.toHaveLength(0);
    // The last batch may come before one that was under way.
    const windows = Map.groupBy(site.accepted(), ({ session_id, window_id }) => `${session_id}/${window_id}`);
    for (const batches of windows.values()) {
      expect(batches).toHaveLength(Math.max(...batches.map(({ seq }) => seq)) + 1);
    }
  });
  return allOf(site);
}

export function allOf(site: Site): SentEvent[] {
  return site.accepted().flatMap(({ events }) => events);
}

/** The payloads of custom events. */
export function tagged(events: readonly SentEvent[], tag: string): Record<string, unknown>[] {
  return events.filter(({ type, data }) => type === 5 && data.tag === tag).map(({ data }) => data.payload ?? {});
}

export interface ConsoleMessage {
  level: string;
  trace: string[];
  payload: string[];
}

export function consoleOf(events: readonly SentEvent[]): ConsoleMessage[] {
  return payloadsOf(events, "rrweb/console@1") as ConsoleMessage[];
}

export type Told = Record<string, unknown> & { name: string; status?: number; requestHeaders?: object };

export function requestsOf(events: readonly SentEvent[]): Told[] {
  return (payloadsOf(events, "rrweb/network@1") as { requests: Told[] }[]).flatMap(({ requests }) => requests);
}

function payloadsOf(events: readonly SentEvent[], plugin: string): unknown[] {
  const own = events.filter(({ type, data }) => type === 6 && (data as { plugin?: string }).plugin === plugin);
  return own.map(({ data }) => data.payload);
}
