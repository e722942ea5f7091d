import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { isSourceMap } from "./source-map.ts";

const THREAD = new URL("./check-thread.ts", import.meta.url);
/** Up to this a map is parsed in less time than a thread takes to begin. */
const SMALL_BYTES = 1024 * 1024;
/** A parsed map takes several times its text, which is bounded. What takes more is none that could be used. */
const THREAD_MB_MAX = 1_024;

/** As `isSourceMap`. A large map takes as long to parse as many requests take to be answered: they go on meanwhile. */
export async function checkSourceMap(map: Uint8Array): Promise<boolean> {
  if (map.byteLength <= SMALL_BYTES) return isSourceMap(map);
  const thread = new Worker(THREAD, { workerData: map, resourceLimits: { maxOldGenerationSizeMb: THREAD_MB_MAX } });
  try {
    const [verdict] = await once(thread, "message");
    return verdict === true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") return false;
    throw error;
  } finally {
    await thread.terminate();
  }
}
