/** Everything that is kept of a person, for them to have: a line of JSON each, never more than a page in memory. */
import { playOrder } from "#core/facts/play-order.ts";
import type { Attempt } from "#core/store/clickhouse/batches.ts";
import { playStretch } from "./playback/play-stretch.ts";
import { ndjson } from "./playback/render.ts";
import { attemptsOf } from "./queries/attempts.ts";
import { type MomentCursor, type Note, notesOfSession } from "./queries/notes.ts";
import type { Counted } from "./queries/pageviews.ts";
import { type Person, sharedAmong } from "./queries/people.ts";
import { type PersonEvent, type PersonEventCursor, personEvents } from "./queries/person-events.ts";
import { ALL_SESSIONS } from "./queries/session-filters.ts";
import type { ListCursor } from "./queries/session-order.ts";
import { listSessions, type SessionSummary } from "./queries/sessions.ts";
import type { Services } from "./services.ts";

const PAGE = 200;

export interface ExportAsked {
  userId: string;
  /** What is known of them beside sessions and events; null where only custom events name them. */
  profile: (Person & { traits: Record<string, unknown> }) | null;
  recordings: boolean;
}

/** The last line says how many there were of each: without it the export is not whole. */
export async function* personExport(
  { sql, clickhouse }: Pick<Services, "sql" | "clickhouse">,
  project: Counted,
  { userId, profile, recordings }: ExportAsked,
  caller: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const counts: Record<string, number> = {};
  const lines = (type: string, values: readonly object[]) => {
    counts[type] = (counts[type] ?? 0) + values.length;
    return Buffer.from(values.map((value) => `${JSON.stringify({ type, ...value })}\n`).join(""));
  };
  yield lines("person", profile ? [profile] : []);
  for await (const sessions of pages(sessionsAfter)) {
    const shared = await sharedAmong(sql, project.id, userId, sessions);
    // What was made of a whole session, and what people wrote about it, tells of the others too.
    yield lines(
      "session",
      sessions.map((session) => shared.get(session.session_id) ?? session),
    );
    for (const session of sessions) {
      caller.throwIfAborted();
      if (!shared.has(session.session_id)) {
        for await (const notes of pages(notesAfter(session))) yield lines("note", notes);
      }
      if (recordings) yield* recordingOf(session);
    }
  }
  for await (const events of pages(eventsAfter)) yield lines("event", events);
  yield Buffer.from(`${JSON.stringify({ type: "end", counts })}\n`);

  async function sessionsAfter(cursor?: ListCursor): Promise<Page<SessionSummary, ListCursor>> {
    const { sessions, last } = await listSessions(
      sql,
      project,
      { ...ALL_SESSIONS, person: userId },
      { sort: "newest", limit: PAGE, cursor },
    );
    return { items: sessions, last };
  }

  async function eventsAfter(cursor?: PersonEventCursor): Promise<Page<PersonEvent, PersonEventCursor>> {
    const { events, last } = await personEvents(clickhouse, project, userId, { limit: PAGE, cursor }, caller);
    return { items: events, last };
  }

  function notesAfter({ session_id }: SessionSummary) {
    return async (cursor?: MomentCursor): Promise<Page<Note, MomentCursor>> => {
      const { notes, last } = await notesOfSession(sql, project.id, session_id, { limit: PAGE, cursor });
      return { items: notes, last };
    };
  }

  async function* recordingOf({ session_id }: SessionSummary): AsyncGenerator<Uint8Array, void> {
    const key = { project_id: project.id, session_id };
    const theirs = batchesOf(await attemptsOf(clickhouse, key, caller), userId);
    const order = playOrder(theirs);
    for (const window of order.windows) {
      const { window_id, event_count } = window;
      const { events } = playStretch({ clickhouse, session: key, caller }, { ...order, windows: [window] }, {});
      yield lines("recording", [{ session_id, window_id, event_count }]);
      yield* ndjson(events);
    }
  }
}

/** In a session that others used too, a person's own are the batches that name them. */
function batchesOf(attempts: readonly Attempt[], userId: string): Attempt[] {
  const isShared = attempts.some(({ user_id }) => user_id !== null && user_id !== userId);
  return attempts.filter(({ user_id }) => user_id === userId || (!isShared && user_id === null));
}

interface Page<Item, Cursor> {
  items: Item[];
  last: Cursor | null;
}

async function* pages<Item, Cursor>(
  after: (cursor?: Cursor) => Promise<Page<Item, Cursor>>,
): AsyncGenerator<Item[], void> {
  let cursor: Cursor | undefined;
  do {
    const { items, last } = await after(cursor);
    if (items.length > 0) yield items;
    cursor = last ?? undefined;
  } while (cursor !== undefined);
}
