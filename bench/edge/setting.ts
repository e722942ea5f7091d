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
export const WARM_UP_MS = 4_000;
