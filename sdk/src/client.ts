/** What a site sees of the recorder: `window.rrhog`, or the exports of `@rrhog/browser`. None of it ever throws. */
import type { RecordedUser } from "../../protocol/batch.ts";
import type { CaptureOptions } from "./capture.ts";
import { createFrameRecorder, type FrameRecorder, isInsideRecordedPage, whenAroundIsKnown } from "./frames.ts";
import { withoutWorker } from "./gzip.ts";
import { listen } from "./listening.ts";
import { neverThrow } from "./never-throw.ts";
import type { LoadObserve, ObserveOptions } from "./observe/host.ts";
import { hasOptedOut, mayRecord, type PermissionOptions, setOptedOut } from "./privacy/permission.ts";
import { createRecorder, type Recorder, type RecorderOptions } from "./recorder.ts";
import type { Status } from "./status.ts";
import { recordedUser } from "./user.ts";

type FrameOrRecorder = FrameRecorder & Partial<Recorder>;

export interface Options extends RecorderOptions, CaptureOptions, ObserveOptions, PermissionOptions {
  /** The project's write key. */
  key: string;
  /** Where the edge is, e.g. `https://in.example.com`. */
  host: string;
  /** Where the edge takes batches, if it is told to by another name (`INGEST_PATH`). Default `/i`. */
  ingestPath?: string | undefined;
  /** The project in the console, e.g. `https://console.example.com/projects/1`: for `getSessionUrl`. */
  consoleUrl?: string | undefined;
  /** False keeps the recorder still until `start()`: nothing is recorded, stored or sent before. */
  autostart?: boolean | undefined;
  /** The version of the site, at most 128 characters. */
  release?: string | undefined;
  /** Such as `production`, at most 64 characters. */
  environment?: string | undefined;
  /** A session ends after so long without an action of the visitor: 1 minute to a day. Default 30. */
  sessionIdleMinutes?: number | undefined;
  /** A session ends after so long: a minute (1/60) to a day. Default 24. */
  sessionMaxHours?: number | undefined;
  /**
   * False compresses on the page's thread: for a site whose CSP forbids `worker-src blob:` and reports what it forbids.
   * Without it a worker is tried, and done without where there can be none.
   */
  worker?: boolean | undefined;
}

export interface RrHog {
  /** Sets the recorder up, once for a page; further calls change nothing, and one of another script or module warns. Begins to record unless `autostart` is false. */
  init(options: Options): void;
  /** Begins to record, after `autostart: false` or `stop()`. */
  start(): void;
  /** Stops recording on this page. What was recorded is still delivered. */
  stop(): void;
  /** Ends the session and begins another one, of nobody that is known: the visitor has signed out. */
  reset(): void;
  /**
   * Says who the visitor is, from here on and for the rest of the session. Traits beside `email` are kept with it. Before
   * `start` the page remembers it. Another id than before ends no session: call `reset` where people share a browser.
   */
  identify(id: string, traits?: Record<string, unknown> | null): void;
  /** Puts a named event into the recording (rrweb custom event `rrhog.track`). An action of the visitor, as to the session's end. */
  track(name: string, properties?: Record<string, unknown> | null): void;
  /** The session in the console, or null without `consoleUrl`. */
  getSessionUrl(): string | null;
  /** Ends the recording of this visitor, in all tabs and for good, and deletes what is unsent and stored. Call it after `init`. */
  optOut(): void;
  /** Takes that back: `start()` and each next page record again. */
  optIn(): void;
  hasOptedOut(): boolean;
  /** How the recording stands, or null before `init`. Each change is a `rrhog:status` event on `window` as well. */
  status(): Status | null;
}

declare global {
  interface Window {
    /** The one that is set up; until then that of the script, or what keeps the calls for it (README.md). */
    rrhog?: RrHog & { q?: [name: keyof RrHog, ...args: unknown[]][] };
  }
}

export const STATUS_EVENT = "rrhog:status";

/** Before a page starts to record. */
const STILL: Status = {
  recording: false,
  state: "waiting",
  session_id: null,
  window_id: null,
  acknowledged: 0,
  pending: 0,
  dropped: 0,
  retry_at: null,
};

/** @param loadObserve gets what watches the page beside its DOM */
export function createClient(loadObserve: LoadObserve): RrHog {
  /** A recorder stores what it needs from its first moment: there is none before the page records. */
  let create: (() => FrameOrRecorder) | undefined;
  let isAllowed = () => false;
  let recorder: FrameOrRecorder | undefined;
  let user: RecordedUser | undefined;
  let consoleUrl: string | undefined;
  let isSetUp = false;
  /** What was called on a page that is not shown yet. */
  let calls: (() => void)[] | undefined;

  function whenReady(work: () => void): void {
    if (calls) calls.push(neverThrow(work));
    else work();
  }

  const status = neverThrow((): Status | null => recorder?.status?.() ?? (isSetUp ? STILL : null), null);
  const announce = neverThrow(() => {
    window.dispatchEvent(new CustomEvent<Status | null>(STATUS_EVENT, { detail: status() }));
  });

  const start = neverThrow((since: number) => {
    if (!recorder && create && isAllowed()) {
      recorder = create();
      if (user) recorder.identify?.(user);
    }
    recorder?.start(since);
  });

  const forget = neverThrow(() => {
    recorder?.forget();
    recorder = undefined;
    announce();
  });

  /** Another tab may have said so, while this page slept as well. */
  function heedOptOut(): void {
    if (recorder && hasOptedOut()) forget();
  }

  const client: RrHog = {
    init: neverThrow((options: Options) => {
      if (isSetUp || !options.key || !options.host || isInsideRecordedPage()) return;
      const { rrhog } = window;
      if (rrhog?.status?.() && rrhog !== client) return console.warn("rrhog:", "This page is recorded already.");
      window.rrhog = client;
      consoleUrl = options.consoleUrl;
      isSetUp = true;
      calls = [];
      if (options.worker === false) withoutWorker();
      whenShown(() => {
        const isInside = isInsideRecordedPage();
        if (isInside) {
          isSetUp = false;
          calls = undefined;
          return;
        }
        const { key, host, ingestPath } = options;
        const target = { key, host: host.replace(/\/+$/, ""), ingestPath: (ingestPath || "i").replace(/^\/*/, "/") };
        // Rrweb would record nothing for a page around that it could reach into.
        const recordCrossOriginIframes = options.recordCrossOriginIframes && (top === window || isInside === undefined);
        const captured = { ...options, recordCrossOriginIframes };
        create = () =>
          recordCrossOriginIframes && top !== window
            ? createFrameRecorder(captured)
            : createRecorder(target, captured, loadObserve, announce);
        isAllowed = () => mayRecord(options);
        listen(window, "storage", heedOptOut);
        listen(window, "pageshow", heedOptOut);
        const waiting = calls ?? [];
        calls = undefined;
        if (options.autostart !== false) start(0);
        for (const work of waiting) work();
      });
    }),
    start: neverThrow(() => whenReady(() => start(performance.now()))),
    stop: neverThrow(() => whenReady(() => recorder?.stop())),
    reset: neverThrow(() =>
      whenReady(() => {
        user = undefined;
        recorder?.reset?.();
      }),
    ),
    identify: neverThrow((id: string, traits?: Record<string, unknown> | null) => {
      const who = recordedUser(String(id), traits);
      whenReady(() => {
        user = who;
        recorder?.identify?.(who);
      });
    }),
    track: neverThrow((name: string, properties?: Record<string, unknown> | null) => {
      whenReady(() => recorder?.track?.(String(name), properties ?? {}));
    }),
    getSessionUrl: neverThrow(() => {
      const sessionId = recorder?.status?.().session_id;
      return consoleUrl && sessionId ? `${consoleUrl.replace(/\/+$/, "")}/sessions/${sessionId}` : null;
    }, null),
    optOut: neverThrow(() => {
      // What earlier pages stored goes too.
      recorder ??= create?.();
      setOptedOut(true);
      forget();
      // Now there is room for the mark where the site had filled its storage.
      setOptedOut(true);
    }),
    optIn: neverThrow(() => setOptedOut(false)),
    hasOptedOut: neverThrow(hasOptedOut, false),
    status,
  };
  return client;
}

/** A page that is rendered in advance may never be shown. */
function whenShown(work: () => void): void {
  const { prerendering } = document as { prerendering?: boolean };
  const begin = neverThrow(() => whenAroundIsKnown(neverThrow(work)));
  if (prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
}
