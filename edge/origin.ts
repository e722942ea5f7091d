/** Who may record from which page, and how the browser is told. No cookies: credentials are never allowed. */

const PREFLIGHT_HEADERS = {
  "Access-Control-Allow-Methods": "POST",
  "Access-Control-Allow-Headers": "Authorization, Content-Encoding, Content-Type, X-Sent-At, X-Write-Key",
  "Access-Control-Max-Age": "86400",
};

/**
 * Whether a page of this origin may record. A caller without an origin is no page, and its key is all there is to check.
 * @param allowed origins, `https://*.example.com` for every subdomain at any depth; none means all.
 */
export function isOriginAllowed(origin: string | null, allowed: readonly string[]): boolean {
  if (origin === null || allowed.length === 0) return true;
  return allowed.some((pattern) => matches(origin.toLowerCase(), pattern.toLowerCase()));
}

function matches(origin: string, pattern: string): boolean {
  const [scheme, domain, ...rest] = pattern.split("*.");
  if (scheme === undefined || domain === undefined) return origin === pattern;
  if (rest.length > 0 || !origin.startsWith(scheme) || !origin.endsWith(`.${domain}`)) return false;
  const subdomain = origin.slice(scheme.length, -domain.length - 1);
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(subdomain);
}

/** Headers that let a page of this origin read the answer, a refusal too, since it must know whether to send again. */
export function readableBy(origin: string | null): Record<string, string> {
  if (origin === null) return { Vary: "Origin" };
  return {
    Vary: "Origin",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": "Retry-After",
  };
}

export function preflightResponse(origin: string | null, allowed: boolean): Response {
  const headers = { ...readableBy(allowed ? origin : null), ...(allowed && PREFLIGHT_HEADERS) };
  return new Response(null, { status: 204, headers });
}
