/** How far a first session is, from the page that has the snippet to the list: what was seen, and what is in the way. */
import type { PartHealth } from "../frame/health.ts";
import type { loader } from "../routes/install.tsx";

export type Installation = Awaited<ReturnType<typeof loader>>["installation"];

export interface Step {
  title: string;
  state: "done" | "waiting" | "bad";
  words: string;
  /** When that was. */
  at?: string;
  /** Where it can be mended: a page of the settings. */
  mend?: { to: string; label: string };
}

/** Longer ago it was somebody else's, or is mended. */
const UNKNOWN_KEY_MS = 5 * 60_000;

/** @param now ms since 1970 */
export function stepsOf(installation: Installation, parts: readonly PartHealth[], now: number): Step[] {
  return [
    { title: "A page runs the recorder", ...running(installation, now) },
    { title: "It may record", ...allowed(installation) },
    { title: "What it records is stored", ...stored(installation, parts) },
  ];
}

type Found = Omit<Step, "title">;

function running({ seen, newest_session, write_keys, unknown_key_at }: Installation, now: number): Found {
  if (seen)
    return {
      state: "done",
      words: seen.origin ? `Seen on ${seen.origin}` : "The last to show its key was a program, not a page",
      at: seen.at,
    };
  if (newest_session) return { state: "done", words: "There are sessions" };
  const mend = { to: "keys", label: "Keys" };
  if (unknown_key_at !== null && now - Date.parse(unknown_key_at) < UNKNOWN_KEY_MS) {
    const words = "A page showed a key that nobody has: compare data-key with the snippet";
    return { state: "bad", words, at: unknown_key_at, mend };
  }
  if (write_keys === 0) return { state: "bad", words: "There is no write key yet", mend };
  return { state: "waiting", words: "No page has shown a key of this project yet: open one that has the snippet" };
}

function allowed({ seen, newest_session }: Installation): Found {
  const keys = { to: "keys", label: "Keys" };
  switch (seen?.refused) {
    case "origin_not_allowed": {
      const words = `${seen.origin} is not among the origins that may record, so the edge refuses it`;
      return { state: "bad", words, mend: { to: "recording", label: "Allowed origins" } };
    }
    case "key_revoked":
      return { state: "bad", words: "The key in the page was revoked: put another one there", mend: keys };
    case "key_kind_wrong":
      return {
        state: "bad",
        words: "A read key stands in the page, where everybody can take it: revoke it, and put a write key there",
        mend: keys,
      };
    default:
      return seen || newest_session
        ? { state: "done", words: "Its key and its origin are allowed" }
        : { state: "waiting", words: "Known once a page has asked" };
  }
}

function stored({ seen, newest_session, arriving }: Installation, parts: readonly PartHealth[]): Found {
  if (newest_session) return { state: "done", words: "Sessions come in", at: newest_session.started_at };
  const away = parts.find(({ status }) => status !== "ok");
  if (away) {
    const words = `The ${away.part} ${away.says || "has trouble"}. What was accepted is kept, and stored once it is back`;
    return { state: "bad", words };
  }
  if (arriving) return { state: "waiting", words: "Accepted, and being stored just now" };
  return {
    state: "waiting",
    words: seen
      ? "Nothing was accepted yet: do something on the page, it sends every few seconds"
      : "Seconds after it was sent",
  };
}
