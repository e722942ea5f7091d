import type { Bindings, Settings } from "./env.ts";
import type { Keys } from "./settings/keys.ts";

/** Hono's view of the edge: what is bound, and what index.ts makes of it once an isolate. */
export interface EdgeEnv {
  Bindings: Bindings;
  Variables: { settings: Settings; keys: Keys };
}
