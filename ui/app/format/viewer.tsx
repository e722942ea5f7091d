/** The viewer's time zone, and times written in it. */
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { cookieOf, keepInCookie } from "../cookie.ts";
import { exactMoment, fullMoment, isTimeZone, shortMoment } from "./moment.ts";

const COOKIE = "rrhog_tz";

interface Viewer {
  timeZone: string;
  /** When the page was made, so that "today" is the same day on the server and in the browser. */
  now: Date;
}

const ViewerContext = createContext<Viewer>({ timeZone: "UTC", now: new Date(0) });

/** The zone that an earlier visit left in a cookie; UTC before the first. */
export function timeZoneOf(request: Request): string {
  const text = cookieOf(request.headers.get("cookie"), COOKIE) ?? "";
  try {
    const zone = decodeURIComponent(text);
    return isTimeZone(zone) ? zone : "UTC";
  } catch {
    return "UTC";
  }
}

/** The server renders in the cookie's zone; where that was not this browser's, times change once, after hydration. */
export function ViewerProvider({ timeZone, now, children }: { timeZone: string; now: number; children: ReactNode }) {
  const [zone, setZone] = useState(timeZone);
  useEffect(() => {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!isTimeZone(here)) return;
    setZone(here);
    keepInCookie(COOKIE, encodeURIComponent(here));
  }, []);
  return <ViewerContext value={{ timeZone: zone, now: new Date(now) }}>{children}</ViewerContext>;
}

export function useViewer(): Viewer {
  return use(ViewerContext);
}

interface MomentProps {
  at: string;
  /** With its date, also where a time alone would do. */
  full?: boolean;
  className?: string | undefined;
}

/** A moment, with all of it on hover. */
export function Moment({ at, full, className }: MomentProps) {
  const { timeZone, now } = useViewer();
  const date = new Date(at);
  return (
    <time dateTime={at} title={exactMoment(date, timeZone)} className={className}>
      {full ? fullMoment(date, timeZone) : shortMoment(date, now, timeZone)}
    </time>
  );
}
