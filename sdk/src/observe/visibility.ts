import { emitCustom } from "./emit.ts";
import type { Watched } from "./host.ts";

/** The custom event `rrhog.visibility`, each time the page is hidden or shown. */
export function watchVisibility(host: Watched): void {
  const tell = host.neverThrow(() => emitCustom(host, "rrhog.visibility", { state: document.visibilityState }));
  // Before the recorder's own listener, which seals what there is: this may be the last that is seen of the page.
  addEventListener("visibilitychange", tell, { capture: true, signal: host.signal });
}
