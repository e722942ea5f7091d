/** What a share link opens: bounded to its span, in a time of its own that begins with the span. */
import { createRoute, z } from "@hono/zod-openapi";
import { WindowId } from "#protocol/batch.ts";
import { noShare, shareHolders } from "../authorize.ts";
import { cursorOf } from "../cursor.ts";
import { HASH, SESSION_MS_MAX, wholeNumber } from "../parameters.ts";
import { PlayCursor } from "../playback/cursor.ts";
import { etagOf, isUnchanged } from "../playback/etag.ts";
import { EventsPage, PAGE_MAX } from "../playback/events-page.ts";
import { KeptAssets } from "../playback/kept-assets.ts";
import { Keyframes } from "../playback/keyframes.ts";
import { windowsAsked } from "../playback/play-stretch.ts";
import type { PlayedEvent } from "../playback/read-events.ts";
import { jsonPage, streamOf } from "../playback/render.ts";
import { isWithin, type Span, startsWithin, stretchWithin } from "../playback/shared-span.ts";
import { Page, pagesOf, TimelineItem, timelineOf } from "../playback/timeline.ts";
import { assetBodies, sessionAssets } from "../queries/assets.ts";
import { playOrderOf } from "../queries/attempts.ts";
import { recordWatched } from "../queries/audit.ts";
import { sessionEvents, sessionPageViews } from "../queries/session-events.ts";
import { type FoundSession, type SessionSummary, sessionOrNotFound, spanOf } from "../queries/sessions.ts";
import { countOpening, type OpenedShare } from "../queries/shares.ts";
import { Refusal } from "../refusal.ts";
import { newRouter, readRefusals } from "../router.ts";
import type { Services } from "../services.ts";
import { ShareLimit } from "../share-limit.ts";
import { asTyped } from "../typed-stream.ts";

const Token = z.object({ token: z.string() });

const { 404: _, ...refusals } = readRefusals;
const sharedRefusals = {
  ...refusals,
  404: {
    description: "The link is unknown, expired or revoked, or its session is gone: which of these is not told",
    content: readRefusals[404].content,
  },
};

const SharedWindow = z
  .object({
    window_id: z.string(),
    first_ts: z.int(),
    last_ts: z.int(),
    full_snapshots: z.array(z.int()).openapi({ description: "where playback can begin" }),
  })
  .openapi("SharedWindow");

const SharedSession = z
  .object({
    expires_at: z.iso.datetime(),
    started_at: z.iso.datetime().openapi({ description: "when the span begins" }),
    duration_ms: z.int(),
    start_ts: z.int().openapi({ description: "time 0 of the span on the recorded browser's clock" }),
    windows: z.array(SharedWindow),
    pages: z.array(Page),
    activity: z.array(z.int()).openapi({ description: "of a whole session, as in its summary; else empty" }),
    browser: z.string().nullable(),
    os: z.string().nullable(),
    device: z.string().nullable(),
    person: z
      .object({
        user_id: z.string().nullable(),
        user_email: z.string().nullable(),
        country: z.string().nullable(),
        ua: z.string().nullable(),
      })
      .nullable()
      .openapi({ description: "null unless the link was made to show it" }),
  })
  .openapi("SharedSession");

const sessionRoute = createRoute({
  method: "get",
  path: "/v1/shared/{token}",
  tags: ["shared"],
  summary: "What a share link opens",
  description: "Needs no sign-in. All times are of the span, which begins at 0. Each call counts as an opening.",
  request: { params: Token },
  responses: {
    200: { description: "The span", content: { "application/json": { schema: SharedSession } } },
    ...sharedRefusals,
  },
});

const time = wholeNumber(0, SESSION_MS_MAX);

const eventsRoute = createRoute({
  method: "get",
  path: "/v1/shared/{token}/events",
  tags: ["shared"],
  summary: "rrweb events of a shared span, in play order",
  description:
    "Of one window, in pages as those of a session's events. It begins at a full snapshot: one in the span, or one made " +
    "of the page as it was at its beginning. Kept assets stand in it by addresses below the link.",
  request: {
    params: Token,
    query: z.object({
      window_id: WindowId.optional().openapi({ description: "the first in the span where absent" }),
      from: time.optional().openapi({ description: "ms of the span's time" }),
      limit: wholeNumber(1, PAGE_MAX.events).optional(),
      cursor: cursorOf(PlayCursor).optional(),
    }),
  },
  responses: {
    200: { description: "The events", content: { "application/json": { schema: EventsPage } } },
    304: { description: "Nothing changed since the answer with this ETag" },
    ...sharedRefusals,
  },
});

const timelineRoute = createRoute({
  method: "get",
  path: "/v1/shared/{token}/timeline",
  tags: ["shared"],
  summary: "What happened in a shared span, in time order",
  request: { params: Token },
  responses: {
    200: {
      description: "As a session's timeline, without who it is unless the link was made to show it",
      content: { "application/json": { schema: z.object({ items: z.array(TimelineItem) }) } },
    },
    ...sharedRefusals,
  },
});

const assetRoute = createRoute({
  method: "get",
  path: "/v1/shared/{token}/assets/{hash}",
  tags: ["shared"],
  summary: "A kept asset of the shared session, as it was fetched",
  request: { params: Token.extend({ hash: HASH }) },
  responses: {
    200: { description: "The bytes", content: { "*/*": { schema: { type: "string", format: "binary" } } } },
    ...sharedRefusals,
  },
});

export function sharedRoutes({ sql, clickhouse }: Services) {
  const found = async (share: OpenedShare): Promise<FoundSession> => {
    try {
      return await sessionOrNotFound(sql, share.project, share.session_id);
    } catch (error) {
      throw error instanceof Refusal && error.code === "not_found" ? noShare() : error;
    }
  };
  /** As `found`, for what shows something of the recording. */
  const opened = async (share: OpenedShare): Promise<FoundSession> => {
    const session = await found(share);
    const opener = { kind: "share", id: share.share_id, name: "share link" } as const;
    const { project_id, session_id } = session.key;
    await recordWatched(sql, opener, { projectId: project_id, action: "share.opened", target: session_id });
    return session;
  };
  const keyframes = new Keyframes();
  const app = newRouter();
  app.use("/v1/shared/:token/*", shareHolders({ sql }, new ShareLimit()));
  return app
    .openapi(sessionRoute, async (c) => {
      const share = c.get("share");
      const { key, summary } = await opened(share);
      const [order, views] = await Promise.all([
        playOrderOf(clickhouse, key, c.req.raw.signal),
        sessionPageViews(clickhouse, key, spanOf(summary), c.req.raw.signal),
      ]);
      await countOpening(sql, share.share_id);
      const span = spanOnClock(share);
      const { from: startedAt, to } = spanCorrected(share, summary);
      const lengthMs = Math.max(0, to - startedAt);
      const windows = order.windows.filter((window) => isWithin(window, span));
      const ids = new Set(windows.map(({ window_id }) => window_id));
      const { browser, os, device, activity, user_id, user_email, country, ua } = summary;
      return c.json(
        {
          expires_at: share.expires_at,
          started_at: new Date(startedAt).toISOString(),
          duration_ms: lengthMs,
          start_ts: span.fromTs,
          windows: windows.map((window) => ({
            window_id: window.window_id,
            first_ts: Math.max(window.first_ts, span.fromTs),
            last_ts: Math.min(window.last_ts, span.toTs),
            full_snapshots: startsWithin(window, span),
          })),
          pages: pagesWithin(
            pagesOf(views, startedAt).filter(({ window_id }) => ids.has(window_id)),
            lengthMs,
          ),
          activity: isWhole(share) ? activity : [],
          browser,
          os,
          device,
          person: share.shows_person ? { user_id, user_email, country, ua } : null,
        },
        200,
      );
    })
    .openapi(eventsRoute, async (c) => {
      const share = c.get("share");
      const { window_id, from = 0, limit = PAGE_MAX.events, cursor } = c.req.valid("query");
      const { key, epoch, summary } = await opened(share);
      const order = await playOrderOf(clickhouse, key, c.req.raw.signal);
      const span = spanOnClock(share);
      const within = { ...order, windows: order.windows.filter((window) => isWithin(window, span)) };
      const [window] = windowsAsked(within, window_id ?? cursor?.window_id);
      if (!window) throw new Refusal("not_found", { detail: "nothing was recorded in this span" });
      const addressOf = (hash: string) => `/v1/shared/${c.req.valid("param").token}/assets/${hash}`;
      const kept = await KeptAssets.of(sql, key, spanOf(summary).from, addressOf);
      const headers = {
        "content-type": "application/json",
        "cache-control": "private, no-cache",
        etag: etagOf([window], epoch, `shared ${share.share_id} ${kept.fingerprint}`),
      };
      if (isUnchanged(c.req.header("if-none-match"), headers.etag)) return c.body(null, 304, headers);

      const leave = new AbortController();
      const caller = AbortSignal.any([c.req.raw.signal, leave.signal]);
      const askedTs = span.fromTs + from;
      const ofWindow = cursor?.window_id === window.window_id ? cursor : undefined;
      const source = { clickhouse, session: key, caller };
      const { keyframe, events, parts } = await stretchWithin(source, window, span, {
        askedTs,
        cursor: ofWindow,
        keep: (batches, make) => {
          const key = etagOf([{ ...window, batches }], epoch, share.share_id);
          return keyframes.of(share.share_id, key, make);
        },
      });
      const max = {
        events: limit + keyframe.length,
        bytes: PAGE_MAX.bytes + keyframe.reduce((sum, { payload }) => sum + payload.length, 0),
      };
      const pieces = jsonPage(kept.inEvents(after(keyframe, events)), parts, max);
      return asTyped(c.body(await streamOf(pieces, () => leave.abort()), 200, headers));
    })
    .openapi(timelineRoute, async (c) => {
      const share = c.get("share");
      const { key, summary } = await opened(share);
      const span = spanCorrected(share, summary);
      const items = timelineOf(await sessionEvents(clickhouse, key, span, c.req.raw.signal), span.from);
      return c.json({ items: share.shows_person ? items : items.filter(({ type }) => type !== "$identify") }, 200);
    })
    .openapi(assetRoute, async (c) => {
      const { hash } = c.req.valid("param");
      const { key, summary } = await found(c.get("share"));
      const assets = await sessionAssets(sql, key, spanOf(summary).from);
      const [body] = assets.some((asset) => asset.hash === hash) ? await assetBodies(sql, key.project_id, [hash]) : [];
      if (!body) throw new Refusal("not_found", { detail: "nothing of this span has this asset" });
      return c.body(body.bytes, 200, {
        "content-type": body.content_type,
        "cache-control": "private, max-age=31536000, immutable",
      });
    });
}

function spanOnClock({ start_ts, from_ms, to_ms }: OpenedShare): Span {
  return { fromTs: start_ts + from_ms, toTs: start_ts + (to_ms ?? SESSION_MS_MAX) };
}

/** ms, corrected by the claim; it ends with the session at the latest. */
function spanCorrected({ started_at, from_ms, to_ms }: OpenedShare, summary: SessionSummary) {
  const { to } = spanOf(summary);
  return { from: started_at + from_ms, to: to_ms === null ? to : Math.min(to, started_at + to_ms) };
}

function isWhole({ from_ms, to_ms }: OpenedShare): boolean {
  return from_ms === 0 && to_ms === null;
}

/** Those visited in the span, and of each window the one that was open at its beginning. */
function pagesWithin(pages: readonly Page[], lengthMs: number): Page[] {
  const open = new Map(pages.filter(({ at_ms }) => at_ms < 0).map((page) => [page.window_id, { ...page, at_ms: 0 }]));
  return [...open.values(), ...pages.filter(({ at_ms }) => at_ms >= 0 && at_ms <= lengthMs)];
}

async function* after(
  keyframe: PlayedEvent[],
  events: AsyncIterable<PlayedEvent[]>,
): AsyncGenerator<PlayedEvent[], void> {
  if (keyframe.length > 0) yield keyframe;
  yield* events;
}
