/** Calls `listener` for each error of the page that nobody caught, a rejection too. Errors of resources are none. */
export function onPageError(listener: (event: ErrorEvent | PromiseRejectionEvent) => void): void {
  addEventListener("error", listener);
  addEventListener("unhandledrejection", listener);
}
