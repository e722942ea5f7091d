/**
 * Where to go after signing in. `next` comes from the address bar, so it may have been written by a stranger: only a path
 * of this console is followed, anything else ends at its first page.
 */
export function safeRedirect(next: unknown, fallback = "/"): string {
  if (typeof next !== "string" || !next.startsWith("/")) return fallback;
  // Browsers read "//", "/\" and a tab or newline between the two as the start of another host.
  const here = "http://console.invalid";
  const target = URL.canParse(next, here) ? new URL(next, here) : null;
  if (target?.origin !== here) return fallback;
  const path = target.pathname + target.search + target.hash;
  return path.startsWith("//") || path.startsWith("/sign-") ? fallback : path;
}

/** The sign-in page's address for someone who wanted `url`. */
export function signInPath(url: URL): string {
  const search = new URLSearchParams(url.search);
  // Which of a page's data is asked for, where the router asks for some of it: no part of the page's address.
  search.delete("_routes");
  const asked = search.size > 0 ? `?${search}` : "";
  const next = url.pathname.replace(/\.data$/, "") + asked;
  return next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`;
}
