/** What has come of a session that is being recorded, a window at a time, from its last full snapshot on. Pure. */
import { EVENT_TYPE, type RrwebEvent } from "#core/replay/rrweb-event.ts";

export interface LiveBatch {
  windowId: string;
  seq: number;
  events: RrwebEvent[];
}

/** What is to be taken next: this event of this batch, or the first after it that is there. */
export interface LivePlace {
  order: number;
  index: number;
  /** Time of the last event that was taken; for when what follows it is not kept any more. */
  lastTs: number;
}

interface KeptBatch {
  order: number;
  events: RrwebEvent[];
  /** Where what is kept of it begins. */
  from: number;
}

export class LiveBuffer {
  readonly #windows = new Map<string, KeptBatch[]>();

  /** @returns times of the full snapshots in it */
  add({ windowId, seq, events }: LiveBatch): number[] {
    const [first] = events;
    if (!first) return [];
    // Recorders that do not know windows begin at 0 on every page.
    const order = windowId === "" ? first.timestamp : seq;
    const kept = this.#windows.get(windowId) ?? [];
    if (!kept.some((batch) => batch.order === order)) kept.push({ order, events, from: 0 });
    kept.sort((a, b) => a.order - b.order);
    this.#windows.set(windowId, fromLastSnapshot(kept));
    return events.filter(isSnapshot).map(({ timestamp }) => timestamp);
  }

  /** Time from which a window can be played out of here; null where it cannot. */
  beginsAt(windowId: string): number | null {
    const first = this.#windows.get(windowId)?.[0];
    const snapshot = first?.events.slice(first.from).find(isSnapshot);
    return snapshot?.timestamp ?? null;
  }

  /** Time of the last event of a window. */
  lastTs(windowId: string): number | null {
    return this.#windows.get(windowId)?.at(-1)?.events.at(-1)?.timestamp ?? null;
  }

  /** All of a window. */
  beginning(windowId: string): LivePlace {
    const first = this.#windows.get(windowId)?.[0];
    return { order: first?.order ?? 0, index: first?.from ?? 0, lastTs: 0 };
  }

  /**
   * What comes after events that were read elsewhere, in play order.
   * @param ts of the last of them @param count how many of the last have that time
   */
  placeAfter(windowId: string, ts: number, count: number): LivePlace | null {
    let left = count;
    for (const { order, events, from } of this.#windows.get(windowId) ?? []) {
      for (let index = from; index < events.length; index++) {
        const at = events[index]?.timestamp ?? 0;
        if (at > ts || (at === ts && left-- <= 0)) return { order, index, lastTs: ts };
      }
    }
    return null;
  }

  /** Whether what is to be taken there was let go, since a later snapshot has come. */
  isGone(windowId: string, { order }: LivePlace): boolean {
    const first = this.#windows.get(windowId)?.[0];
    return first !== undefined && order < first.order && (first.from > 0 || order < first.order - 1);
  }

  /** All from a place on; null while there is nothing. */
  take(windowId: string, place: LivePlace): { events: RrwebEvent[]; next: LivePlace } | null {
    const events = (this.#windows.get(windowId) ?? []).flatMap((batch) => {
      if (batch.order < place.order) return [];
      return batch.events.slice(batch.order === place.order ? Math.max(place.index, batch.from) : batch.from);
    });
    const last = this.#windows.get(windowId)?.at(-1);
    const lastEvent = events.at(-1);
    if (!last || !lastEvent) return null;
    return {
      events,
      next: { order: last.order, index: last.events.length, lastTs: Math.max(place.lastTs, lastEvent.timestamp) },
    };
  }
}

function isSnapshot({ type }: RrwebEvent): boolean {
  return type === EVENT_TYPE.fullSnapshot;
}

/** What lies before the last full snapshot is not needed to go on. The page's size stands right before it. */
function fromLastSnapshot(batches: KeptBatch[]): KeptBatch[] {
  const at = batches.findLastIndex(({ events }) => events.some(isSnapshot));
  const holder = batches[at];
  if (!holder) return batches;
  const snapshot = holder.events.findLastIndex(isSnapshot);
  const from = holder.events[snapshot - 1]?.type === EVENT_TYPE.meta ? snapshot - 1 : snapshot;
  return [{ ...holder, from: Math.max(holder.from, from) }, ...batches.slice(at + 1)];
}
