/** What a recording says beside the DOM, once its page has been left. */
import type { Page } from "playwright-core";
import { expect, vi } from "vitest";
import { type Delivery, plain, type SentBatch, type SentEvent, type Site } from "./site.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });

/** A page that is watched beside its DOM: the lazy part is there. */
export async function openWatched(page: Page, url: string): Promise<Page> {
  await page.goto(url);
  await isWatched(page);
  return page;
}

/** The lazy part is there: by the first that it sets up, its own `fetch` in the place of one that says `theirs`. */
export async function isWatched(page: Page, theirs = "[native code]"): Promise<void> {
  const watched = (theirs: string) => !String(window.fetch).includes(theirs);
  // By a timer: a page that draws nothing has no animation frames to look in.
  await page.waitForFunction(watched, theirs, { polling: 50 });
}

/** Ends the tab once its page has gone: a busy browser may end one that is closed before its page has heard of it. */
export async function leave(page: Page): Promise<void> {
  await page.goto("about:blank");
  await page.close();
}

/** Leaves the page, and gives all events that it recorded. */
export async function recordingOf(page: Page, site: Site): Promise<SentEvent[]> {
  await leave(page);
  return (await ended(site)).flatMap(({ events }) => events);
}

/** Recording goes on after `stop` and `start`, and the page knows that it may send: its new snapshot has come. */
export async function recordsAgain(page: Page, site: Site): Promise<void> {
  await until(() => expect(allOf(site).filter(({ type }) => type === 2)).toHaveLength(2));
  await isWatched(page);
}

/** All batches in the order they were sealed, once so many pages have said that they end. */
export async function ended(site: Site, pages = 1): Promise<SentBatch[]> {
  await until(() => {
    expect(site.accepted().filter(({ end }) => end).length).toBeGreaterThanOrEqual(pages);
    expectNoHole(site.accepted());
  });
  return site.accepted().toSorted((a, b) => a.sealed_at - b.sealed_at || a.seq - b.seq);
}

/** Of each window all batches from the first to the last, which may come before one that was under way. */
export function expectNoHole(batches: readonly SentBatch[]): void {
  const windows = Map.groupBy(batches, ({ session_id, window_id }) => `${session_id}/${window_id}`);
  for (const window of windows.values()) {
    expect(window.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(window.map((_, i) => i));
  }
}

/** What was sent after `at` of the page's clock, without what was under way then. */
export function sentAfter(at: number, site: Site): Delivery[] {
  return site.deliveries.filter(({ query }) => Number(query.get("t")) > at);
}

/** The batches that lie in the browser: their names, and the events of each as JSON. */
export async function storedBatches(page: Page): Promise<{ name: string; events: string }[]> {
  const stored = await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    const stored: { name: string; body: number[] }[] = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name as string));
      const batches = database.transaction("batches").objectStore("batches");
      const records: { id: string; body: Uint8Array }[] = await done(batches.getAll());
      database.close();
      stored.push(...records.map(({ id, body }) => ({ name: id, body: [...body] })));
    }
    return stored;
  });
  return stored.map(({ name, body }) => ({ name, events: String(plain(Buffer.from(body))) }));
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
