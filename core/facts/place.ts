/** Where a fact happened: the address of the page at that place of the batch. */
import { z } from "zod";
import { EventType } from "#protocol/event.ts";
import { URL_LENGTH_MAX } from "#protocol/limits.ts";
import { cut, lastAtOrBefore } from "./bounds.ts";
import { type FactEvent, NAVIGATION_TAG } from "./page-view.ts";
import { customPayload } from "./recorded-event.ts";

/** Of the page's address in each fact but its view: thousands of facts may repeat it. */
const PLACE_LENGTH_MAX = 2_000;

/** The page's address as a fact has it that is not the page's view. */
export function placeText(address: string): string {
  return cut(address, PLACE_LENGTH_MAX);
}

const Address = z.string().transform((href) => href.slice(0, URL_LENGTH_MAX));
const Meta = z.object({ href: Address });
const Navigation = z.object({ href: Address, kind: z.string().optional(), referrer: Address.optional() });

/**
 * The address at each event of a batch, to be asked by the event's place in it.
 *
 * It is the last one that the batch told before: in a Meta event or in our recorder's `rrhog.navigation`. Before the
 * first of these it is where that navigation says it came from, if within the page (a load says only who linked to it).
 * A batch that tells none has the envelope's, which recorders set when they seal: nobody went anywhere in it.
 * Else it is '', and readers take it from the page views of the window before.
 */
export function placesOf(events: readonly FactEvent[], envelopeUrl: string): (idx: number) => string {
  const steps: { idx: number; href: string }[] = [];
  let before: string | undefined;
  for (const [idx, event] of events.entries()) {
    const navigation = customPayload(event, NAVIGATION_TAG, Navigation);
    const meta = event.type === EventType.Meta ? Meta.safeParse(event.data).data : undefined;
    const href = navigation?.href ?? meta?.href;
    if (href === undefined) continue;
    before ??= navigation && navigation.kind !== "load" ? (navigation.referrer ?? "") : "";
    steps.push({ idx, href });
  }
  const first = before ?? envelopeUrl;
  return (idx) => lastAtOrBefore(steps, idx)?.href ?? first;
}
