/** What a browser is to remember for the server's next rendering: choices, no secrets. */

const YEAR_S = 31_536_000;

/** The text of a cookie; null where there is none. */
export function cookieOf(cookies: string | null, name: string): string | null {
  return cookies?.match(new RegExp(`(?:^|;\\s*)${name}=([^;]*)`))?.[1] ?? null;
}

/** In the browser. @param value without blanks, commas and semicolons */
export function keepInCookie(name: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax`;
}
