/** The span that DateTime64(3) of every version holds, in ms. */
const LATEST_MS = Date.UTC(2299, 11, 31, 23, 59, 59, 999);

/**
 * A time as `YYYY-MM-DD hh:mm:ss.mmm` in UTC: text, since a bare number would be read as seconds or as digits of a date.
 * Fractions of a ms are cut, and a clock outside the column's span is moved to its edge: the same bytes give the same
 * text at every attempt.
 */
export function clickhouseTime(ms: number): string {
  const text = new Date(Math.min(Math.max(Math.floor(ms), 0), LATEST_MS)).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 23)}`;
}
