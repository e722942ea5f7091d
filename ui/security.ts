/**
 * The headers that keep recorded content harmless.
 *
 * A recorded page is rebuilt in an iframe with `sandbox="allow-same-origin"`, which inherits this policy. So what stands
 * here holds for the console and for whatever anyone managed to record: no script runs that this server did not send, and
 * nothing is loaded from another host. A picture's address could otherwise carry a visitor's data to a stranger, or tell
 * them who is watching. What was recorded inline (data:, blob:) is shown, and what the API keeps of the site.
 */
const DIRECTIVES = [
  "default-src 'none'",
  // 'self' for the modules, the nonce for the few inline scripts of the first page.
  "script-src 'self' 'nonce-{nonce}'",
  "script-src-attr 'none'",
  // A replayed page is made of inline styles; those that import or fetch are held by style-src, img-src and font-src. Of
  // this server they have the console's own files and the kept assets alone: a recorded address must not ask it for
  // anything else, as the person who watches.
  "style-src {own} 'unsafe-inline'",
  "img-src data: blob:{kept}",
  "font-src {own} data:{kept}",
  "media-src data: blob:",
  "connect-src 'self'",
  "manifest-src 'none'",
  "object-src 'none'",
  "frame-src 'none'",
  "worker-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
];

/** As a policy can name it; it cannot name an IPv6 address (CSP 3, 2.3.1). */
const NAMEABLE_HOST = /^[a-z0-9.-]+(?::\d{1,5})?$/i;

/**
 * The policy of a page whose inline scripts carry `nonce`.
 * @param host by which the browser knows this server; null, or one that no policy can name, allows no kept assets
 */
export function contentSecurityPolicy(nonce: string, host: string | null): string {
  // Without a scheme it is the page's own: TLS may end before us.
  const named = host !== null && NAMEABLE_HOST.test(host);
  const own = named ? `${host}/assets/` : "'self'";
  const kept = named ? ` ${host}/v1/projects/ ${host}/v1/shared/` : "";
  return DIRECTIVES.join("; ").replace("{nonce}", nonce).replaceAll("{own}", own).replaceAll("{kept}", kept);
}

/** What every answer carries, pages and assets alike. */
export const SECURITY_HEADERS: Record<string, string> = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "X-DNS-Prefetch-Control": "off",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), fullscreen=(self)",
};

/**
 * Session ids stand in the console's addresses; "no-referrer" for all would also take the Origin from our own forms. A share
 * link is a secret in an address, and its page has no forms: nobody is told of it.
 */
export function referrerPolicy(path: string): string {
  return path.startsWith("/shared/") ? "no-referrer" : "same-origin";
}

/**
 * Whether a request that changes something comes from the console's own pages. The cookie is SameSite=Lax; this also
 * holds where a sibling host is same-site. Browsers say it themselves; an older one is held to its Origin, of which the
 * scheme is not compared: a proxy in front may end TLS.
 */
export function isOwnOrigin(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("origin") ?? "";
  return URL.canParse(origin) && new URL(origin).host === headers.get("host");
}
