/**
 * Pictures of canvases become backgrounds of them. Rrweb's player would draw them by calling whatever method of a canvas
 * an event names, and runs the page's scripts for it; so its canvases stay empty, and what the recorder took as pictures is
 * shown as one. Commands that other recorders took one by one are not.
 */
import { EVENT_TYPE, elementsIn, isRecord, mutationOf, type RrwebEvent, records, snapshotOf } from "./rrweb-event.ts";

/** rrweb's `IncrementalSource`. */
const MUTATION = 0;
const CANVAS = 9;

/** Changes `event` in place, and answers it. */
export function showCanvasPictures(event: RrwebEvent): RrwebEvent {
  for (const root of [snapshotOf(event) ?? [], mutationOf(event)?.added ?? []].flat()) {
    for (const { tagName, attributes } of elementsIn(root)) {
      if (tagName !== "canvas" || !("rr_dataURL" in attributes)) continue;
      if (isPicture(attributes.rr_dataURL)) {
        const style = typeof attributes.style === "string" ? attributes.style.replace(/;?\s*$/, ";") : "";
        attributes.style = `${style}background:${background(attributes.rr_dataURL)}`;
      }
      delete attributes.rr_dataURL;
    }
  }
  const picture = pictureIn(event);
  if (picture) {
    const style = { background: background(picture.url) };
    event.data = {
      source: MUTATION,
      adds: [],
      removes: [],
      texts: [],
      attributes: [{ id: picture.id, attributes: { style } }],
    };
  }
  return event;
}

/** As the recorder takes it: `drawImage(createImageBitmap(new Blob([bytes])))`. The last one covers those before it. */
function pictureIn({ type, data }: RrwebEvent): { id: number; url: string } | null {
  if (type !== EVENT_TYPE.incremental || !isRecord(data) || data.source !== CANVAS) return null;
  const drawn = records(data.commands).findLast(({ property }) => property === "drawImage");
  const [bitmap] = records(drawn?.args);
  const [blob] = records(bitmap?.args);
  const [bytes] = records(blob?.data);
  const url = `data:${blob?.type};base64,${bytes?.base64}`;
  return typeof data.id === "number" && isPicture(url) ? { id: data.id, url } : null;
}

function isPicture(url: unknown): url is string {
  return typeof url === "string" && /^data:image\/(?:webp|png|jpeg);base64,[A-Za-z0-9+/]+=*$/.test(url);
}

function background(url: string): string {
  return `url("${url}") 0 0 / 100% 100% no-repeat`;
}
