/** Web vitals as our recorder tells them: the custom event `rrhog.web_vital`. */
import { z } from "zod";
import { cut, given } from "./bounds.ts";
import type { FactEvent } from "./page-view.ts";
import { customPayload } from "./recorded-event.ts";

export interface WebVital {
  idx: number;
  /** The client's clock, ms. */
  ts: number;
  props: {
    /** LCP, CLS, INP, FCP or TTFB. Of several with one name on one load of a page the last counts. */
    name: string;
    /** ms; of CLS a score. */
    value: number;
    rating?: string;
    /** How the page was come to: `navigate`, `reload`, `back-forward` … */
    navigation?: string;
    /** The element that it is of. */
    selector?: string;
  };
}

const word = (max: number) => z.string().transform((text) => cut(text, max));

const Payload = z.object({
  name: word(20),
  value: z.number(),
  rating: word(40).optional().catch(undefined),
  navigation: word(40).optional().catch(undefined),
  selector: word(500).optional().catch(undefined),
});

export function webVitals(events: readonly FactEvent[]): WebVital[] {
  return events.flatMap((event, idx) => {
    const vital = customPayload(event, "rrhog.web_vital", Payload);
    return vital ? [{ idx, ts: event.timestamp, props: given(vital) }] : [];
  });
}
