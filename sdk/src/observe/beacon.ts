import { sizeOf } from "./bodies.ts";
import type { Watched } from "./host.ts";
import type { RequestLog } from "./network.ts";
import { patch } from "./patch.ts";

/** What a page sends and expects no answer to. */
export function watchBeacons(host: Watched, log: RequestLog): void {
  const { signal, neverThrow, view } = host;
  const take = neverThrow((isQueued: boolean, address: string | URL, body?: unknown) => {
    const request = log.begin("beacon", "POST", String(address));
    if (!request) return;
    const requestBodySize = sizeOf(view, body);
    if (requestBodySize !== undefined) request.requestBodySize = requestBodySize;
    if (!isQueued) request.failed = true;
    log.end(request);
  });
  patch(view.Navigator.prototype, "sendBeacon", signal, (original) => {
    return function (this: Navigator, ...args) {
      const isQueued = original.apply(this, args);
      take(isQueued, ...args);
      return isQueued;
    };
  });
}
