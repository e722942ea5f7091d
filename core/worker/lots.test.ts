import { describe, expect, it } from "vitest";
import { type LotLimits, lotsOf } from "./lots.ts";

const LIMITS: LotLimits<number> = {
  weigh: (bytes) => ({ bytes, rows: 1 }),
  bytesMax: 10,
  rowsMax: 4,
  closes: () => false,
  lingerMs: 5,
  quietMs: 5,
  goesOn: () => false,
  wanted: () => Promise.resolve(),
};

async function* gone(...members: number[]) {
  yield* members;
}

async function lots(source: AsyncIterator<number>, limits: Partial<LotLimits<number>> = {}) {
  const closed = [];
  for await (const lot of lotsOf(source, { ...LIMITS, lingerMs: 60_000, quietMs: 60_000, ...limits })) closed.push(lot);
  return closed;
}

describe("lots", () => {
  it("close by bytes, by rows and with the last member", async () => {
    expect(await lots(gone(4, 4, 4, 1, 1, 1, 1, 2))).toEqual([
      { trigger: "size", members: [4, 4, 4] },
      { trigger: "size", members: [1, 1, 1, 1] },
      { trigger: "end", members: [2] },
    ]);
  });

  it("take a member that is over the limit by itself", async () => {
    expect(await lots(gone(99, 1))).toEqual([
      { trigger: "size", members: [99] },
      { trigger: "end", members: [1] },
    ]);
  });

  it("close with a member that nothing may come after", async () => {
    const lotsOfThree = await lots(gone(1, 3, 1, 1), { closes: (member) => member === 3 });
    expect(lotsOfThree.map(({ members }) => members)).toEqual([
      [1, 3],
      [1, 1],
    ]);
  });

  it("are none where nothing came", async () => {
    expect(await lots(gone())).toEqual([]);
  });

  it("close by age, so that a lone member does not wait for others", async () => {
    const more = Promise.withResolvers<void>();
    async function* lone() {
      yield 1;
      await more.promise;
      yield 2;
    }
    const closing = lotsOf(lone(), LIMITS);
    expect(await closing.next()).toEqual({ done: false, value: { trigger: "age", members: [1] } });
    more.resolve();
    expect(await closing.next()).toEqual({ done: false, value: { trigger: "end", members: [2] } });
  });

  it("do not close while nothing comes of which more is known to come", async () => {
    async function* halting() {
      yield 1;
      await new Promise((resolve) => setTimeout(resolve, 10 * LIMITS.quietMs));
      yield 2;
      await Promise.withResolvers<void>().promise;
    }
    const limits = { ...LIMITS, lingerMs: 60_000, goesOn: (last: number) => last === 1 };
    expect(await lotsOf(halting(), limits).next()).toMatchObject({ value: { trigger: "age", members: [1, 2] } });
  });

  it("grow on while nobody would take them", async () => {
    const wanted = Promise.withResolvers<void>();
    const late = Promise.withResolvers<void>();
    async function* slow() {
      yield 1;
      await late.promise;
      yield 2;
      wanted.resolve();
      await Promise.withResolvers<void>().promise;
    }
    const closing = lotsOf(slow(), { ...LIMITS, wanted: () => wanted.promise });
    const lot = closing.next();
    setTimeout(() => late.resolve(), 10 * LIMITS.lingerMs);
    expect(await lot).toEqual({ done: false, value: { trigger: "age", members: [1, 2] } });
  });
});
