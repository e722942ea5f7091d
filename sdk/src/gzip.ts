/**
 * Compresses off the page's thread: CompressionStream itself works on the thread that reads it, so it is read in a worker.
 * A site's CSP may forbid such a worker (`worker-src blob:`); then, or where none can be made, the page's thread does it.
 */

import { gzipNow } from "./gzip-now.ts";

/** Answers with null what it cannot do. */
const WORKER = `onmessage = async ({ data: [id, parts] }) => {
  let bytes = null;
  try {
    const compressed = new Blob(parts).stream().pipeThrough(new CompressionStream("gzip"));
    bytes = await new Response(compressed).arrayBuffer();
  } catch {}
  postMessage([id, bytes], bytes ? [bytes] : []);
};`;

/** A worker that has not answered by then is taken for gone: a browser short of memory ends one without a word. */
const ANSWER_MS_MAX = 10_000;

let worker: Worker | null = null;
let isForbidden = false;
let lastId = 0;
/** Resolved with the worker's bytes, or with null when there is no worker any more. */
const underWay = new Map<number, (bytes: ArrayBuffer | null) => void>();

/** Compress on the page's thread from here on: no worker is tried, so a CSP that forbids one has nothing to report. */
export function withoutWorker(): void {
  isForbidden = true;
}

/** The text of all parts together. */
export async function gzip(parts: string[]): Promise<Uint8Array<ArrayBuffer>> {
  // A browser from before there was one.
  if (typeof CompressionStream === "undefined") return gzipNow(parts);
  try {
    const bytes = (await inWorker(parts)) ?? (await onPageThread(parts));
    return new Uint8Array(bytes);
  } catch {
    return gzipNow(parts);
  }
}

function inWorker(parts: string[]): Promise<ArrayBuffer | null> | null {
  const target = openWorker();
  if (!target) return null;
  return new Promise((resolve) => {
    const id = ++lastId;
    const late = setTimeout(giveUpWorker, ANSWER_MS_MAX);
    underWay.set(id, (bytes) => {
      clearTimeout(late);
      resolve(bytes);
    });
    target.postMessage([id, parts]);
  });
}

function openWorker(): Worker | null {
  if (worker || isForbidden) return worker;
  try {
    const url = URL.createObjectURL(new Blob([WORKER]));
    worker = new Worker(url);
    worker.onmessage = ({ data: [id, bytes] }: MessageEvent<[number, ArrayBuffer | null]>) => {
      URL.revokeObjectURL(url);
      underWay.get(id)?.(bytes);
      underWay.delete(id);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      giveUpWorker();
    };
  } catch {
    giveUpWorker();
  }
  return worker;
}

/** What it was asked for is done here instead. */
function giveUpWorker(): void {
  isForbidden = true;
  worker?.terminate();
  worker = null;
  for (const resolve of underWay.values()) resolve(null);
  underWay.clear();
}

function onPageThread(parts: string[]): Promise<ArrayBuffer> {
  return new Response(new Blob(parts).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}
