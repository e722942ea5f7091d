/** How a browser is told that a page may record. No cookies: credentials are never allowed. */

const PREFLIGHT_HEADERS = {
  "Access-Control-Allow-Methods": "POST",
  "Access-Control-Allow-Headers": "Authorization, Content-Encoding, Content-Type, X-Sent-At, X-Write-Key",
  "Access-Control-Max-Age": "86400",
};

/** Headers that let a page of this origin read the answer, a refusal too, since it must know whether to send again. */
export function readableBy(origin: string | null): Record<string, string> {
  if (origin === null) return { Vary: "Origin" };
  return {
    Vary: "Origin",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": "Retry-After",
  };
}

/** Headers are made once for so many origins, and for each answer beyond them. */
const KEPT_ORIGINS_MAX = 1_000;
/** Anyone can make up origins: what is longer than a host's name would be memory for nothing. */
const KEPT_LENGTH_MAX = 300;
const kept = new Map<string | null, Headers>();

/** The headers of a 202. Those of the origins that came first are kept: they cost as much as the rest of an answer. */
export function acceptedHeaders(origin: string | null): Headers {
  const known = kept.get(origin);
  if (known) return known;
  const headers = new Headers({ ...readableBy(origin), "Content-Type": "application/json" });
  const isUsual = origin === null || origin.length <= KEPT_LENGTH_MAX;
  if (isUsual && kept.size < KEPT_ORIGINS_MAX) kept.set(origin, headers);
  return headers;
}

export function preflightResponse(origin: string | null, allowed: boolean): Response {
  const headers = { ...readableBy(allowed ? origin : null), ...(allowed && PREFLIGHT_HEADERS) };
  return new Response(null, { status: 204, headers });
}
