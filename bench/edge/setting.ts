import type { Progress } from "../figure.ts";
import type { Rig } from "./rig.ts";

/** What each part of the edge's benchmark is given. */
export interface Setting {
  rig: Rig;
  requests: Record<"json" | "framed" | "gzip", Buffer[]>;
  progress: Progress;
}

/** Connections of the load, as a browser would not pool them: each has one request under way. */
export const CONNECTIONS = 32;
/** As long as the runtime takes to compile what is hot. */
export const WARM_UP_MS = 10_000;
