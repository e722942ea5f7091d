/** Pages within pages. One of the same origin is recorded by rrweb with the page around it, another records itself for it. */
import { type Capture, type CaptureOptions, capture } from "./capture.ts";
import { neverThrow } from "./never-throw.ts";
import type { Recorder } from "./recorder.ts";

/** Asks a frame for its whole content: rrweb's snapshot of the page around it has none of it. */
const WANT_SNAPSHOT = "rrhog:snapshot";

/** Undefined in a page of another origin, which does not say whether it is recorded. */
export function isInsideRecordedPage(): boolean | undefined {
  try {
    return parent !== window && ("rrhog" in parent || "rrhog" in (top as Window));
  } catch {
    return undefined;
  }
}

/** Hands the events of this page to the one around it (rrweb's own postMessage), and delivers and stores nothing. */
export function createFrameRecorder(options: CaptureOptions): Pick<Recorder, "start" | "stop"> {
  let running: Capture | undefined;
  const answer = ({ data, source }: MessageEvent) => {
    if (data !== WANT_SNAPSHOT || source !== parent) return;
    running?.snapshot();
    askFrames();
  };
  addEventListener("message", neverThrow(answer, undefined));
  return {
    start() {
      running ??= capture(() => {}, options);
    },
    stop() {
      running?.stop();
      running = undefined;
    },
  };
}

export function askFrames(): void {
  for (let i = 0; i < frames.length; i++) frames[i]?.postMessage(WANT_SNAPSHOT, "*");
}
