import { join } from "node:path";
import { ROOT } from "./settings.ts";

/**
 * Where Node keeps what it has compiled of our parts and of what they import (`NODE_COMPILE_CACHE`). With it a part's
 * later starts take half the processor time, and the part a sixth less memory.
 */
export const COMPILE_CACHE = join(ROOT, "node_modules/.cache/rrhog/compiled");
