/**
 * The session: one visit of one browser, over all its pages and tabs. It lives in localStorage, where every page of the
 * origin reads it, and ends after 30 minutes without an action of the visitor, or after 24 hours.
 */
import type { RecordedUser } from "../../protocol/batch.ts";
import { uuid } from "./uuid.ts";
import { readJson, takeJson, writeJson } from "./web-storage.ts";

export const IDLE_MS_MAX = 30 * 60_000;
export const SESSION_MS_MAX = 24 * 60 * 60_000;

/** Each action would be a synchronous write; the idle limit needs no more precision than this. */
const WRITE_EVERY_MS = 5_000;

interface Session {
  id: string;
  startedAt: number;
  /** When the visitor last did something, in any tab. */
  activeAt: number;
  user?: RecordedUser | undefined;
}

export interface Visit {
  readonly sessionId: string;
  readonly user: RecordedUser | undefined;
  /** True when what happens at `at` (ms) belongs to another session than this one. */
  isOver(at: number): boolean;
  /** Joins the session that another tab has begun meanwhile, or begins one. The page's user stays the same person. */
  renew(at: number): void;
  /** Notes an action of the visitor. */
  touch(at: number): void;
  identify(user: RecordedUser): void;
  /** Ends the session for all tabs: the server will take nothing more of it. */
  end(): void;
  /** Deletes what is stored of it. */
  forget(): void;
}

/** Joins the visit under way in this browser, or begins one at `now` (ms). `key` keeps projects on one origin apart. */
export function joinVisit(key: string, now: number): Visit {
  const name = `rrhog.session.${key}`;
  let session = stored(name, now) ?? begun(now);
  let writtenAt = 0;

  function write(at: number): void {
    writtenAt = at;
    // Another tab of the visit may know who this is.
    if (!session.user) session.user = stored(name, at)?.user;
    writeJson("localStorage", name, session);
  }
  write(now);

  return {
    get sessionId() {
      return session.id;
    },
    get user() {
      return session.user;
    },
    isOver(at) {
      if (isAlive(session, at)) return false;
      // Another tab may have kept it alive.
      const shared = stored(name, at);
      if (shared?.id === session.id) session = shared;
      return !isAlive(session, at);
    },
    renew(at) {
      const { user } = session;
      session = stored(name, at) ?? begun(at);
      session.user ??= user;
      session.activeAt = at;
      write(at);
    },
    touch(at) {
      session.activeAt = at;
      if (Math.abs(at - writtenAt) >= WRITE_EVERY_MS) write(at);
    },
    identify(user) {
      session.user = user;
      write(session.activeAt);
    },
    end() {
      session.startedAt = 0;
      write(session.activeAt);
    },
    forget() {
      takeJson("localStorage", name);
    },
  };
}

function begun(at: number): Session {
  return { id: uuid(), startedAt: at, activeAt: at };
}

function stored(name: string, at: number): Session | null {
  const value = readJson("localStorage", name) as Partial<Session> | null;
  if (typeof value?.id !== "string" || typeof value.startedAt !== "number" || typeof value.activeAt !== "number") {
    return null;
  }
  const session = value as Session;
  return isAlive(session, at) ? session : null;
}

/** A clock that was set back makes times negative, not a session old. */
function isAlive(session: Session, at: number): boolean {
  return at - session.activeAt < IDLE_MS_MAX && at - session.startedAt < SESSION_MS_MAX;
}
