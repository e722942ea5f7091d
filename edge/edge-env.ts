import type { Settings } from "./env.ts";
import type { Courier } from "./relay/courier.ts";
import type { BegunSessions } from "./settings/begun-sessions.ts";
import type { Keys } from "./settings/keys.ts";

/** What an isolate keeps between requests. */
export interface Isolate {
  settings: Settings;
  keys: Keys;
  begunSessions: BegunSessions;
  courier: Courier;
}

/** Hono's view of the edge: its `c.env` is what was made of the bindings, once an isolate. */
export interface EdgeEnv {
  Bindings: Isolate;
}
