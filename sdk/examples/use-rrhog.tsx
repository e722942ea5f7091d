/** rrHog in a React application: `<Recorded …>` once around it, `useRrhog()` wherever it is needed. */
import { rrhog, type Status } from "@rrhog/browser";
import { type ReactNode, useEffect, useSyncExternalStore } from "react";

export interface RecordedProps {
  /** The project's write key, and where its edge is. */
  writeKey: string;
  host: string;
  /** Who is signed in. Null once nobody is: another session begins then. */
  user?: { id: string; email?: string } | null;
  children: ReactNode;
}

/** Begins to record when it is shown first, and tells who the visitor is. */
export function Recorded({ writeKey, host, user, children }: RecordedProps): ReactNode {
  useEffect(() => {
    rrhog.init({ key: writeKey, host });
  }, [writeKey, host]);
  const { id, email } = user ?? {};
  useEffect(() => {
    if (id === undefined) return;
    rrhog.identify(id, email === undefined ? {} : { email });
    return () => rrhog.reset();
  }, [id, email]);
  return children;
}

let last: { text: string; status: Status | null } = { text: "null", status: null };

/** The same object as long as nothing in it has changed, as React wants it. */
function snapshot(): Status | null {
  const status = rrhog.status();
  const text = JSON.stringify(status);
  if (text !== last.text) last = { text, status };
  return last.status;
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener("rrhog:status", onChange);
  return () => window.removeEventListener("rrhog:status", onChange);
}

/** How the recording stands, and what tells it more. */
export function useRrhog() {
  const status = useSyncExternalStore(subscribe, snapshot, () => null);
  return { status, track: rrhog.track, sessionUrl: rrhog.getSessionUrl };
}
