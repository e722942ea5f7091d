/**
 * Puts stylesheets into the page before it is shown. Where a sheet was still loading at the time of the snapshot, rrweb
 * records an empty link, and its text as a change of that link some moments later. The visitor's browser held the page
 * back until then; a replay would show it bare.
 */
import { elementsIn, mutationOf, type RecordedNode, type RrwebEvent, snapshotOf } from "#core/replay/rrweb-event.ts";

/** A sheet that came later than this was seen to come. */
const HELD_BACK_MS = 3_000;

interface AwaitedSheet {
  attributes: Record<string, unknown>;
  since: number;
}

/** Changes `events` in place, and answers them. What a later stretch brings is too late. */
export function hoistStyles(events: RrwebEvent[]): RrwebEvent[] {
  const awaited = new Map<number, AwaitedSheet>();
  for (const event of events) {
    const snapshot = snapshotOf(event);
    if (snapshot) {
      awaited.clear(); // ids are counted anew on each page
      awaitSheets(snapshot, event.timestamp, awaited);
    }
    const mutation = mutationOf(event);
    for (const { id, attributes } of mutation?.changed ?? []) hoist(awaited.get(id), attributes, event.timestamp);
    for (const node of mutation?.added ?? []) awaitSheets(node, event.timestamp, awaited);
  }
  return events;
}

function hoist(sheet: AwaitedSheet | undefined, changed: Record<string, unknown>, at: number): void {
  const text = changed._cssText;
  if (!sheet || typeof text !== "string" || at - sheet.since > HELD_BACK_MS) return;
  sheet.attributes._cssText = text;
  delete changed._cssText;
}

function awaitSheets(root: RecordedNode, since: number, awaited: Map<number, AwaitedSheet>): void {
  for (const { id, tagName, attributes } of elementsIn(root)) {
    const isSheet = tagName === "link" && String(attributes.rel).includes("stylesheet");
    if (isSheet && !("_cssText" in attributes)) awaited.set(id, { attributes, since });
  }
}
