/** How often facts of one version of the rules may be derived anew. */
export const EVENT_GENERATIONS = 65_536;

/**
 * `events.version`: of two rows of one fact the one by later redaction rules is read, and by the same rules the one that
 * was derived later.
 *
 * @param rulesVersion of the project's redaction rules, up to 65,535
 * @param generation 0 for what is told by one batch alone, and for custom events
 */
export function eventVersion(rulesVersion: number, generation = 0): number {
  return rulesVersion * EVENT_GENERATIONS + generation;
}
