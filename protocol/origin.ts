/** Whose pages may record: the edge refuses the others, and the core says why nothing comes from them. */

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
