/**
 * Whoever has a write key can send any JSON for an event, and a recorder of another version sends what this player does not
 * expect. What rrweb's player reads of an event beside applying it (its clock, its search for idle time, the size of the
 * page) is made sure of here: it fails at what is not there, and plays no further. A page is held to what a DOM takes, so
 * that one node that none takes does not cost the page.
 */
import { EVENT_TYPE, isRecord, type RrwebEvent, records } from "./rrweb-event.ts";
import { mendTree } from "./well-formed-tree.ts";

type Json = Record<string, unknown>;

/** rrweb's `IncrementalSource`. */
const SOURCE = {
  mutation: 0,
  mouseMove: 1,
  mouseInteraction: 2,
  scroll: 3,
  resize: 4,
  touchMove: 6,
  font: 10,
  drag: 12,
} as const;
/** The greatest of rrweb's `MouseInteractions`. */
const INTERACTION_MAX = 10;

const DOCUMENT_NODE = 0;

/** No screen has more, and what is drawn over the page takes as much memory as the page is large. */
const SIZE_MAX = 10_000;

/** What stands in the place of an event that cannot be played: of each there is one, and the live feed counts them. */
const LEFT_OUT = { type: EVENT_TYPE.custom, data: { tag: "rrhog.left_out" } } as const;

/** Changes `event` in place, and answers it. */
export function wellFormed(event: RrwebEvent): RrwebEvent {
  return isPlayable(event) ? event : Object.assign(event, LEFT_OUT);
}

function isPlayable({ type, data }: RrwebEvent): boolean {
  if (type === EVENT_TYPE.meta) return isRecord(data) && isSize(data);
  if (type === EVENT_TYPE.custom) return isRecord(data) && typeof data.tag === "string";
  if (type === EVENT_TYPE.incremental) return isRecord(data) && isIncrement(data);
  return type !== EVENT_TYPE.fullSnapshot || (isRecord(data) && isSnapshot(data));
}

function isSize({ width, height }: Json): boolean {
  return [width, height].every((px) => typeof px === "number" && px > 0 && px <= SIZE_MAX);
}

function isSnapshot(data: Json): boolean {
  const { node, initialOffset } = data;
  const { top, left } = isRecord(initialOffset) ? initialOffset : {};
  data.initialOffset = { top: areFinite(top) ? top : 0, left: areFinite(left) ? left : 0 };
  return isRecord(node) && node.type === DOCUMENT_NODE && mendTree(node);
}

function isIncrement(data: Json): boolean {
  switch (data.source) {
    case SOURCE.mutation:
      for (const name of ["removes", "texts", "attributes"]) data[name] = records(data[name]);
      data.adds = records(data.adds).filter(({ node }) => isRecord(node) && mendTree(node));
      return true;
    case SOURCE.mouseMove:
    case SOURCE.touchMove:
    case SOURCE.drag:
      data.positions = records(data.positions).filter(({ x, y, timeOffset }) => areFinite(x, y, timeOffset));
      return records(data.positions).length > 0;
    case SOURCE.mouseInteraction:
      return typeof data.type === "number" && data.type >= 0 && data.type <= INTERACTION_MAX;
    case SOURCE.scroll:
      return areFinite(data.x, data.y);
    case SOURCE.resize:
      return isSize(data);
    case SOURCE.font:
      // A number would be room for so many bytes.
      return data.buffer !== true || (typeof data.fontSource === "string" && data.fontSource.startsWith("["));
    default:
      return typeof data.source === "number";
  }
}

function areFinite(...values: unknown[]): boolean {
  return values.every(Number.isFinite);
}
