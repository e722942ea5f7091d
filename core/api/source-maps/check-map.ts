import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { sourceMapProblem } from "./source-map.ts";

const THREAD = new URL("./check-thread.ts", import.meta.url);
/** Up to this a map is parsed in less time than a thread takes to begin. */
const SMALL_BYTES = 1024 * 1024;
/** A parsed map takes several times its text, which is bounded. What takes more is none that could be used. */
const THREAD_MB_MAX = 1_024;

/** As `sourceMapProblem`. A large map takes as long to parse as many requests take to be answered: they go on meanwhile. */
export async function checkSourceMap(map: Uint8Array): Promise<string | null> {
  if (map.byteLength <= SMALL_BYTES) return sourceMapProblem(map);
  const thread = new Worker(THREAD, { workerData: map, resourceLimits: { maxOldGenerationSizeMb: THREAD_MB_MAX } });
  try {
    const [problem] = await once(thread, "message");
    return z.string().nullable().parse(problem);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") {
      return `takes more than ${THREAD_MB_MAX} MiB to be parsed`;
    }
    throw error;
  } finally {
    await thread.terminate();
  }
}
