/** Pages within pages. One of the same origin is recorded by rrweb with the page around it, another records itself for it. */
import { type Capture, type CaptureOptions, capture } from "./capture.ts";
import { listen } from "./listening.ts";
import { createMasking } from "./privacy/masking.ts";
import { type PrivacyOptions, privacyRules } from "./privacy/rules.ts";
import type { Recorder } from "./recorder.ts";

/** Asks a frame for its whole content: rrweb's snapshot of the page around it has none of it. */
const WANT_SNAPSHOT = "rrhog:snapshot";

/**
 * Undefined in a page of another origin, which does not say whether it is recorded. Asks for `top` first, and not for
 * `parent`: a page may have a variable of that name.
 */
export function isInsideRecordedPage(): boolean | undefined {
  try {
    return top !== window && ("rrhog" in parent || "rrhog" in (top as Window));
  } catch {
    return undefined;
  }
}

/** Once it is known of a page around this one whether it is recorded: its script may come after that of a frame in it. */
export function whenAroundIsKnown(work: () => void): void {
  try {
    const around = top as Window;
    if (around !== window && around.document.readyState !== "complete") {
      around.addEventListener("load", work, { once: true });
      return;
    }
  } catch {
    // Of another origin: it does not say.
  }
  work();
}

/** In a frame that is recorded with the page around it there is no more to a recorder. */
export type FrameRecorder = Pick<Recorder, "start" | "stop" | "forget">;

/** Hands the events of this page to the one around it (rrweb's own postMessage), and delivers and stores nothing. */
export function createFrameRecorder(options: CaptureOptions & PrivacyOptions): FrameRecorder {
  let running: Capture | undefined;
  const answer = ({ data, source }: MessageEvent) => {
    if (data !== WANT_SNAPSHOT || source !== parent) return;
    running?.snapshot();
    askFrames();
  };
  listen(window, "message", answer);
  function stop(): void {
    running?.stop();
    running = undefined;
  }
  return {
    start() {
      running ??= capture(() => {}, createMasking(privacyRules(options)), options);
    },
    stop,
    forget: stop,
  };
}

export function askFrames(): void {
  for (let i = 0; i < frames.length; i++) frames[i]?.postMessage(WANT_SNAPSHOT, "*");
}
