/** A thread of its own for the map that it is given (check-map.ts). */
import { parentPort, workerData } from "node:worker_threads";
import { isSourceMap } from "./source-map.ts";

parentPort?.postMessage(isSourceMap(workerData));
