/** Gathers what is decoded into lots that are worth an insert: by size, and by age, which is short for a lone batch. */
import { setTimeout as sleep } from "node:timers/promises";

export type Trigger = "size" | "age" | "end";

export interface Lot<T> {
  trigger: Trigger;
  members: T[];
}

export interface LotLimits<T> {
  weigh(member: T): { bytes: number; rows: number };
  bytesMax: number;
  rowsMax: number;
  /** Whether nothing may come after this member in its lot. */
  closes(member: T): boolean;
  /** How long the first member waits for others at most. */
  lingerMs: number;
  /** How long it waits while none comes, unless more is known to come after the last. */
  quietMs: number;
  goesOn(last: T): boolean;
  /** Resolves when a lot would be taken at once. Until then an aged one may as well grow. */
  wanted(): Promise<void>;
}

/** Each lot has at least one member; one that is over a limit by itself is a lot of its own size. */
export async function* lotsOf<T>(source: AsyncIterator<T>, limits: LotLimits<T>): AsyncGenerator<Lot<T>> {
  let next = source.next();
  for (;;) {
    const first = await next;
    if (first.done) return;
    const members: T[] = [];
    const weight = { bytes: 0, rows: 0 };
    let closed = false;
    const add = (member: T) => {
      members.push(member);
      const { bytes, rows } = limits.weigh(member);
      weight.bytes += bytes;
      weight.rows += rows;
      closed = limits.closes(member);
      next = source.next();
    };
    add(first.value);
    const aged = Promise.all([rested(members, limits), limits.wanted()]).then(() => "aged" as const);
    let trigger: Trigger = "size";
    while (!closed && weight.bytes < limits.bytesMax && weight.rows < limits.rowsMax) {
      const result = await Promise.race([next, aged]);
      if (result === "aged") {
        trigger = "age";
        break;
      }
      if (result.done) {
        trigger = "end";
        break;
      }
      add(result.value);
    }
    yield { trigger, members };
  }
}

/** Resolves when nothing has come for a while, or the first has waited long enough. */
async function rested<T>(members: readonly T[], { lingerMs, quietMs, goesOn }: LotLimits<T>): Promise<void> {
  const until = performance.now() + lingerMs;
  let seen: number;
  do {
    seen = members.length;
    await sleep(quietMs);
  } while ((members.length > seen || goesOn(members.at(-1) as T)) && performance.now() < until);
}
