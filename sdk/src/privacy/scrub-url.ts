const SECRET = /([?&#;][^=&#]*(?:token|secret|passw|session|code|key|auth|jwt|sig)[^=&#]*=)[^&#]*/gi;

/** An address without the values of parameters whose names look secret, in its query and in its hash. */
export function scrubUrl(url: string): string {
  return url.replace(SECRET, "$1********");
}
