/**
 * Images that are not kept become empty ones. A browser shows an image that it may not load as a mark and its text, which
 * have another size than the image had and move what is around it; an empty one has the size that the page gives it.
 */
import { elementsIn, mutationOf, type RrwebEvent, snapshotOf } from "#core/replay/rrweb-event.ts";

/** What is kept of a site has an address of this console in the events (routes/asset.ts, ui/security.ts). */
const KEPT = ["/v1/projects/", "/v1/shared/"];
const KEPT_SET = `:is(${KEPT.map((path) => `[srcset*="${path}"]`).join(", ")})`;

const BOX =
  "data:image/svg+xml,%3Csvg class='rrhog-missing' xmlns='http://www.w3.org/2000/svg' width='24' height='24'/%3E";

/** For the replayed page's stylesheet: what has an address that is not kept, and no other picture in its place. */
export const MISSING_IMAGES =
  `:is(img, video, input)[src^="data:image/svg+xml,%3Csvg class='rrhog-missing'"]` +
  `:not(${KEPT_SET}, picture:has(> source${KEPT_SET}) > *)`;

/** Changes `event` in place, and answers it. */
export function boxMissingImages(event: RrwebEvent): RrwebEvent {
  const mutation = mutationOf(event);
  for (const root of [snapshotOf(event) ?? [], mutation?.added ?? []].flat()) {
    for (const { tagName, attributes } of elementsIn(root)) {
      if (tagName === "img" || tagName === "input") box(attributes);
    }
  }
  // Of which element is not said; where it is no image, its address would not have been loaded either.
  for (const { attributes } of mutation?.changed ?? []) box(attributes);
  return event;
}

function box(attributes: Record<string, unknown>): void {
  if ("src" in attributes && typeof attributes.src === "string" && !isShown(attributes.src)) attributes.src = BOX;
  const { srcset } = attributes;
  // The API leaves candidates in that are kept, and all where nothing of the session is.
  if (typeof srcset === "string" && !KEPT.some((path) => srcset.includes(path)) && !isShown(srcset))
    delete attributes.srcset;
}

function isShown(address: string): boolean {
  return address === "" || KEPT.some((path) => address.startsWith(path)) || /^(?:data|blob):/i.test(address);
}
