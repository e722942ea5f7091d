/** One JSON line an event on the console. No key, address, session or payload is ever a field. */

const QUIET_MS = 10_000;
const quietUntil = new Map<string, number>();
const muted = new Map<string, number>();

/**
 * Says that something happened; what repeats is said at most every ten seconds an isolate, with how many it stands for,
 * since a log line costs more than a batch.
 * @param event what happened, from a closed set of names: each name is remembered.
 */
export function logRepeated(event: string, fields: Record<string, string | number> = {}): void {
  const name = `${event} ${Object.values(fields).join(" ")}`;
  const now = Date.now();
  const count = (muted.get(name) ?? 0) + 1;
  if (now < (quietUntil.get(name) ?? 0)) {
    muted.set(name, count);
    return;
  }
  muted.delete(name);
  quietUntil.set(name, now + QUIET_MS);
  console.log(JSON.stringify({ part: "edge", event, ...fields, count }));
}
