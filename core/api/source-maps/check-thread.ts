/** A thread of its own for the map that it is given (check-map.ts). */
import { parentPort, workerData } from "node:worker_threads";
import { sourceMapProblem } from "./source-map.ts";

parentPort?.postMessage(sourceMapProblem(workerData));
