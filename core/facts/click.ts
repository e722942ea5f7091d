/**
 * Clicks.
 *
 * A click is told twice by our recorder: by rrweb's own MouseInteraction, with the node and the point, and by the custom
 * event `rrhog.click`, with what people saw there. It is one fact, and it is rrweb's event that makes it:
 *
 * - Every recorder has that event, ours from its first moment on, before the script that describes clicks is there, and
 *   in frames, of whose clicks only rrweb tells.
 * - So a batch has as many clicks as it has such events, and a click whose two halves were sealed into two batches is
 *   still one: the half that is described alone adds nothing, the other one has its node and its point, and its element
 *   can be told from the page as it was (span facts).
 *
 * A description belongs to the next click on the same node in its batch: both come of one dispatch of one DOM event, the
 * description first, since it listens at the window and rrweb at the document.
 *
 * A double click is two clicks: browsers tell both before `dblclick`, so rrweb's DblClick is none by itself.
 */
import { z } from "zod";
import { IncrementalSource, MouseInteraction } from "#protocol/event.ts";
import { cut, given } from "./bounds.ts";
import type { FactEvent } from "./page-view.ts";
import { customPayload, incrementalData } from "./recorded-event.ts";

export interface Click {
  idx: number;
  /** The client's clock, ms. */
  ts: number;
  props: {
    /** rrweb's number of the node. */
    id: number;
    /** In the viewport, CSS px. */
    x?: number;
    y?: number;
    /** Of the link or button that the node belongs to. */
    tag?: string;
    text?: string;
    selector?: string;
    href?: string;
  };
}

/** Of one DOM event: as much as the page's own listeners may take between the two. */
export const ONE_DISPATCH_MS = 1_000;
const TEXT_MAX = 200;
const SELECTOR_MAX = 500;
export const HREF_MAX = 2_000;

const Interaction = z.object({
  type: z.literal(MouseInteraction.Click),
  id: z.int(),
  x: z.number().optional().catch(undefined),
  y: z.number().optional().catch(undefined),
});

const short = (max: number) =>
  z
    .string()
    .transform((text) => cut(text, max))
    .optional()
    .catch(undefined);

/** The payload of `rrhog.click`. */
export const Described = z.object({
  id: z.int(),
  tag: short(50),
  text: short(TEXT_MAX),
  selector: short(SELECTOR_MAX),
  href: short(HREF_MAX),
});
type Described = z.infer<typeof Described>;

export function clicks(events: readonly FactEvent[]): Click[] {
  const described = new Map<number, { ts: number; words: Omit<Described, "id"> }>();
  return events.flatMap((event, idx) => {
    const description = customPayload(event, "rrhog.click", Described);
    if (description) {
      const { id, ...words } = description;
      described.set(id, { ts: event.timestamp, words });
      return [];
    }
    const interaction = incrementalData(event, IncrementalSource.MouseInteraction);
    const click = interaction ? Interaction.safeParse(interaction).data : undefined;
    if (!click) return [];
    const { id, x, y } = click;
    const found = described.get(id);
    described.delete(id);
    const isOfThis = found !== undefined && Math.abs(event.timestamp - found.ts) <= ONE_DISPATCH_MS;
    return [{ idx, ts: event.timestamp, props: given({ id, x, y, ...(isOfThis && found.words) }) }];
  });
}
