import { listen } from "./listening.ts";

/** Calls `listener` for each error of the page that nobody caught, a rejection too. Errors of resources are none. */
export function onPageError(listener: (event: ErrorEvent | PromiseRejectionEvent) => void): void {
  listen(window, "error", listener);
  listen(window, "unhandledrejection", listener);
}
