/** Reads one session's events by each route that gives them, as the text of each event: nothing is parsed and printed. */
import { z } from "zod";
import { arrayElements, findMember } from "#protocol/json-scan.ts";

export const READ_ROUTES = ["ndjson", "json", "replay"] as const;
export type ReadRoute = (typeof READ_ROUTES)[number];

export interface ReadOptions {
  apiUrl: string;
  readKey: string;
  projectId: number;
  sessionId: string;
  /** Only the events of this window; `replay` knows no windows. */
  onlyWindow?: string;
  /** How long one answer may take. */
  timeoutMs?: number;
}

/** @throws Error with status and route when the API refuses */
export async function readEvents(route: ReadRoute, options: ReadOptions): Promise<string[]> {
  if (route === "ndjson") return readLines(options);
  if (route === "json") return readPages(options);
  const query = new URLSearchParams({ session_id: options.sessionId, read_key: options.readKey });
  return eventsOf(await get(`${options.apiUrl}/replay?${query}`, { signal: deadline(options) }));
}

/** Small enough for a recording of some size to need several. */
const PAGE_EVENTS = "2000";
const READ_MS_MAX = 60_000;
const Cursor = z.string().nullable();

const SessionSummary = z.looseObject({
  event_count: z.number(),
  duration_ms: z.number().nullish(),
  complete: z.boolean().nullish(),
});

/** What the API knows of the session so far; null while it is not listed. */
export async function readSummary(options: ReadOptions): Promise<z.infer<typeof SessionSummary> | null> {
  const response = await fetch(sessionUrl(options), asking(options));
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the session's page answers ${response.status}: ${await response.text()}`);
  return SessionSummary.parse(await response.json());
}

const Ledger = z.looseObject({ windows: z.array(z.looseObject({ duplicates: z.number() })) });

/** How many attempts beyond the first the ledger has seen, over all windows. */
export async function readDuplicates(options: ReadOptions): Promise<number> {
  const ledger = await get(`${sessionUrl(options)}/ledger`, asking(options));
  const { windows } = Ledger.parse(JSON.parse(new TextDecoder().decode(ledger)));
  return windows.reduce((sum, { duplicates }) => sum + duplicates, 0);
}

async function readLines(options: ReadOptions): Promise<string[]> {
  const bytes = await get(eventsUrl(options, {}), asking(options, "application/x-ndjson"));
  const lines = new TextDecoder().decode(bytes).split("\n");
  return lines.filter((line) => line !== "");
}

async function readPages(options: ReadOptions): Promise<string[]> {
  const events: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await get(eventsUrl(options, { limit: PAGE_EVENTS, ...(cursor && { cursor }) }), asking(options));
    events.push(...eventsOf(page));
    const next = findMember(page, "next_cursor");
    cursor = next && Cursor.parse(JSON.parse(new TextDecoder().decode(page.subarray(next.start, next.end))));
  }
  return events;
}

function eventsUrl(options: ReadOptions, query: Record<string, string>): string {
  const { onlyWindow } = options;
  const parameters = new URLSearchParams(onlyWindow === undefined ? query : { ...query, window_id: onlyWindow });
  return `${sessionUrl(options)}/events?${parameters}`;
}

function eventsOf(page: Uint8Array): string[] {
  const array = findMember(page, "events");
  const elements = array && arrayElements(page, array);
  if (!elements) throw new Error("the answer has no array `events`");
  const decoder = new TextDecoder();
  return elements.map(({ start, end }) => decoder.decode(page.subarray(start, end)));
}

async function get(url: string, init: RequestInit): Promise<Uint8Array> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${new URL(url).pathname} answers ${response.status}: ${await response.text()}`);
  return new Uint8Array(await response.arrayBuffer());
}

function sessionUrl({ apiUrl, projectId, sessionId }: ReadOptions): string {
  return `${apiUrl}/v1/projects/${projectId}/sessions/${sessionId}`;
}

function asking(options: ReadOptions, accept = "application/json"): RequestInit {
  return { headers: { authorization: `Bearer ${options.readKey}`, accept }, signal: deadline(options) };
}

function deadline({ timeoutMs = READ_MS_MAX }: ReadOptions): AbortSignal {
  return AbortSignal.timeout(timeoutMs);
}
