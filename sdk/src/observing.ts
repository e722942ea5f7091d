/** Brings in what watches the page beside its DOM (observe/), a script of its own, and ends it with the recording. */
import { nodeId } from "./capture.ts";
import { neverThrow } from "./never-throw.ts";
import type { LoadObserve, ObserveHost, ObserveOptions } from "./observe/host.ts";
import type { Masking } from "./privacy/masking.ts";

/** Errors that are kept for what tells of them, which is loaded later. */
const EARLY_ERRORS_MAX = 20;

export interface ObservingOptions {
  /** Where the recorder's own requests go. */
  host: string;
  ingestPath: string;
  /** As they are when it begins. */
  options(): ObserveOptions;
  masking(): Masking;
  loadObserve: LoadObserve;
  /** Adds an event of rrweb's kind, now. */
  emit(type: number, data: object): void;
  /** It could not be had. */
  onTrouble(): void;
}

export interface Observing {
  /** Loads it, if it is not under way. @param since nothing is told from before */
  begin(since: number): void;
  end(): void;
  /** Lets it tell what it has kept so far, since the page goes. */
  leave(): void;
  /** Keeps an error from before it came. */
  noteEarly(event: Event): void;
}

export function createObserving(given: ObservingOptions): Observing {
  const { host, ingestPath, masking, emit, onTrouble } = given;
  const observed: ObserveHost = {
    get options() {
      return given.options();
    },
    host,
    ingestPath,
    since: 0,
    early: [],
    nodeId,
    isMasked: (element) => masking().isMasked(element),
    scrubUrl: (url) => masking().url(url),
    get isStrict() {
      return masking().rules.strict;
    },
    neverThrow,
    emit,
    onerror: onTrouble,
  };

  return {
    begin(since) {
      if (observed.stop) return;
      observed.since = since;
      observed.stop = () => {};
      observed.isAwaited = true;
      given.loadObserve(observed).catch(onTrouble);
    },
    end() {
      observed.stop?.();
      observed.isAwaited = false;
      observed.stop = undefined;
    },
    leave: () => observed.leave?.(),
    noteEarly(event) {
      if (observed.early.length < EARLY_ERRORS_MAX) observed.early.push(event);
    },
  };
}
