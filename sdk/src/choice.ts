/** What of a site's visits is recorded, and when: by the site's own options, and by its project's where it has none. */
import { isSampledIn } from "../../protocol/sampling.ts";
import { matches, type Rules, within } from "./rules.ts";
import type { Settings } from "./settings.ts";
import type { Visit } from "./visit.ts";

const HOUR_MS = 60 * 60_000;

export interface Choice {
  /** The last address that may be told of. */
  readonly address: string;
  /** By the site's own word, else by its project's. */
  rule<Name extends keyof Rules>(name: Name): Rules[Name];
  /** The rate takes this session. */
  isChosen(): boolean;
  /** The page's address now is one that is not recorded. */
  isIgnored(): boolean;
  /** Why nothing of this page and session is captured now; null where it is. */
  obstacle(): "ignored_url" | "sampled_out" | null;
  /** What is captured has to wait in memory for an error, or an event. */
  mustWait(): boolean;
  /** How much longer the session has to last before it is sent, ms. */
  leastDurationLeft(): number;
  /** Holds the address against the rules anew: the project's have changed. */
  reconsider(): void;
}

export function createChoice(options: Rules, settings: Settings, visit: Visit): Choice {
  /** The address that the rules were last held against. */
  let seen = "";
  let ignored = false;
  let address = location.href;

  function rule<Name extends keyof Rules>(name: Name): Rules[Name] {
    return options[name] ?? (settings.recorder as Rules | undefined)?.[name];
  }

  function isChosen(): boolean {
    return isSampledIn(visit.sessionId, within(rule("sampleRate"), 1, 0, 1));
  }

  function isIgnored(): boolean {
    if (location.href !== seen) {
      seen = location.href;
      const only = rule("recordUrls");
      ignored =
        [options.ignoreUrls, settings.recorder?.ignoreUrls].some((patterns) => matches(patterns, location)) ||
        (only !== undefined && !matches(only, location));
      if (!ignored) address = seen;
    }
    return ignored;
  }

  return {
    get address() {
      return address;
    },
    rule,
    isChosen,
    isIgnored,
    obstacle() {
      if (isIgnored()) return "ignored_url";
      return visit.isKept || rule("sampleOnError") || isChosen() ? null : "sampled_out";
    },
    mustWait: () => !visit.isKept && (Boolean(rule("startOnEvent")) || !isChosen()),
    leastDurationLeft: () =>
      visit.isKept ? 0 : visit.startedAt + within(rule("minDurationMs"), 0, 0, HOUR_MS) - Date.now(),
    reconsider() {
      seen = "";
    },
  };
}
