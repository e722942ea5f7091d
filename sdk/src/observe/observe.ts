/** What is worth knowing of a page beside its DOM, each kind by its own observer, and each into the recording. */
import { watchClicks } from "./clicks.ts";
import { watchConsole } from "./console.ts";
import { watchErrors } from "./errors.ts";
import { watchFrames } from "./frames.ts";
import type { ObserveHost, Watched } from "./host.ts";
import { watchNetwork } from "./network.ts";
import { watchVisibility } from "./visibility.ts";
import { watchVitals } from "./vitals.ts";

/** @param own how the addresses of the recorder's own requests begin, beside those that carry its key */
export function observe(host: ObserveHost, own: readonly string[] = []): void {
  // Stopped meanwhile, or asked for again and come twice.
  if (!host.isAwaited) return;
  host.isAwaited = false;
  const { options, neverThrow } = host;
  const abort = new AbortController();
  const leaving = new Set<() => void>();
  host.stop = () => {
    abort.abort();
    // Those that came meanwhile have been told.
    host.early.length = 0;
  };
  host.leave = () => {
    for (const tell of leaving) tell();
  };
  const page: Watched = {
    ...host,
    view: window,
    signal: abort.signal,
    leaving,
    told: { messages: 0, errors: 0, requests: 0 },
    own: [`${host.host}${host.ingestPath}?k=`, `${host.host}/config?k=`, ...own],
  };
  const begin = (watch: (host: Watched) => void, watched: Watched) => neverThrow(watch)(watched);

  function watchView(watched: Watched): void {
    // What a program says to itself may hold what the page shows.
    if (options.console ?? !host.isStrict) begin(watchConsole, watched);
    if (options.errors !== false) begin(watchErrors, watched);
    if (options.network !== false) begin(watchNetwork, watched);
    if (options.clicks !== false) begin(watchClicks, watched);
    begin((watched) => watchFrames(watched, watchView), watched);
  }

  watchView(page);
  if (options.vitals !== false) begin(watchVitals, page);
  begin(watchVisibility, page);
}
