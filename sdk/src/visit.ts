/**
 * The session: one visit of one browser, over all its pages and tabs. It lies in localStorage, where every page of the
 * origin reads it, and ends when the visitor was idle for too long, when it has lasted for too long, or at `reset`.
 *
 * Tabs may begin one at the same moment, or one tab another while the others are still in the old one. Of two the one with
 * the higher number, then the higher id, is the one that all go by; no clock has a say in that.
 */
import type { RecordedUser } from "../../protocol/batch.ts";
import { uuid } from "./uuid.ts";
import { readJson, writeJson } from "./web-storage.ts";

/** Each action would be a synchronous write; the idle limit needs no more precision than this. */
const WRITE_EVERY_MS = 5_000;

interface Session {
  id: string;
  /** Counts the sessions of this browser. None in those that an older recorder began. */
  number?: number;
  startedAt: number;
  /** When the visitor last did something, in any tab. */
  activeAt: number;
  /** Null after `reset`: nobody that an older page may still know. */
  user?: RecordedUser | null | undefined;
  /** What was waited for has happened: recorded to its end, on all pages. */
  kept?: boolean;
}

/** How long a session may last, ms. */
export interface VisitLimits {
  idleMs: number;
  sessionMs: number;
}

export interface Visit {
  /** Where it lies in localStorage. */
  readonly storageName: string;
  readonly sessionId: string;
  readonly startedAt: number;
  readonly user: RecordedUser | undefined;
  readonly isKept: boolean;
  /** True when what happens at `at` (ms) belongs to another session than this one. */
  isOver(at: number): boolean;
  /** Joins the session that another tab has begun meanwhile, or begins one. The page's user stays the same person. */
  renew(at: number): void;
  /** Takes over what other tabs have written. True where one has begun the session that this page is to join. */
  follow(): boolean;
  /** Notes an action of the visitor. */
  touch(at: number): void;
  identify(user: RecordedUser): void;
  /** From here on the session is recorded, whatever was waited for. */
  keep(): void;
  /** Ends the session for all tabs. With `forget`, nobody that this browser knew is known in the next one. */
  end(forget?: boolean): void;
}

/** Joins the visit under way in this browser, or begins one at `now` (ms). `key` keeps projects on one origin apart. */
export function joinVisit(key: string, now: number, { idleMs, sessionMs }: VisitLimits): Visit {
  const storageName = `rrhog.session.${key}`;
  let session = stored(now) ?? begun(now);
  let writtenAt = 0;
  let isSuperseded = false;

  function read(): Session | null {
    const value = readJson("localStorage", storageName) as Session | null;
    return typeof value?.id === "string" && Number.isFinite(value.activeAt - value.startedAt) ? value : null;
  }

  function stored(at: number): Session | null {
    const value = read();
    return value && isAlive(value, at) ? value : null;
  }

  function begun(at: number): Session {
    return { id: uuid(), number: (read()?.number ?? 0) + 1, startedAt: at, activeAt: at };
  }

  /** A clock that was set back ends no session. Nor does it make one immortal: what would lie ahead is now. */
  function isAlive(session: Session, at: number): boolean {
    session.activeAt = Math.min(session.activeAt, at);
    session.startedAt = Math.min(session.startedAt, at);
    return at - session.activeAt < idleMs && at - session.startedAt < sessionMs;
  }

  function follow(): boolean {
    const shared = stored(Date.now());
    if (shared?.id === session.id) {
      if (session.user === undefined) session.user = shared.user;
      session.kept ||= shared.kept;
    } else if (shared) {
      const ahead = (shared.number ?? 0) - (session.number ?? 0);
      isSuperseded = ahead > 0 || (ahead === 0 && shared.id > session.id);
      // A tab that did not know of this session has written over it.
      if (!isSuperseded) writeJson("localStorage", storageName, session);
    }
    return isSuperseded;
  }

  function write(at: number): void {
    writtenAt = at;
    if (!follow()) writeJson("localStorage", storageName, session);
  }
  write(now);

  return {
    storageName,
    get sessionId() {
      return session.id;
    },
    get startedAt() {
      return session.startedAt;
    },
    get user() {
      return session.user ?? undefined;
    },
    get isKept() {
      return session.kept === true;
    },
    isOver(at) {
      if (isSuperseded) return true;
      if (isAlive(session, at)) return false;
      // Another tab may have kept it alive.
      const shared = stored(at);
      if (shared?.id === session.id) session = shared;
      return !isAlive(session, at);
    },
    renew(at) {
      const { user } = session;
      session = stored(at) ?? begun(at);
      if (session.user === undefined) session.user = user;
      session.activeAt = at;
      isSuperseded = false;
      write(at);
    },
    follow,
    touch(at) {
      session.activeAt = at;
      if (Math.abs(at - writtenAt) >= WRITE_EVERY_MS) write(at);
    },
    identify(user) {
      session.user = user;
      write(session.activeAt);
    },
    keep() {
      if (session.kept) return;
      session.kept = true;
      write(session.activeAt);
    },
    end(forget = false) {
      if (forget) session.user = null;
      session.startedAt = 0;
      write(session.activeAt);
    },
  };
}
