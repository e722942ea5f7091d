import { expect, it } from "vitest";
import { Line, Load, MUCH_BATCHES, Supply } from "./line.ts";
import { serve } from "./serve.ts";

const FRAME = { head: new Uint8Array(4), body: new Uint8Array(10) };

function loadOf(batches: number): Load {
  const load = new Load();
  for (let i = 0; i < batches; i++) load.add(FRAME, 14, () => {});
  return load;
}

/** A line that is served, whose loads are answered when the test says so. */
function served(clock: () => number = Date.now) {
  const line = new Line(clock);
  const supply = new Supply(loadOf(1), line);
  const loads: { batches: number; answer: (isSpooled?: boolean) => void }[] = [];
  const done = serve(
    supply,
    (load) =>
      new Promise<boolean>((resolve) => {
        loads.push({ batches: load.frames.length, answer: (isSpooled = false) => resolve(isSpooled) });
      }),
  );
  const come = (batches: number) => {
    for (let i = 0; i < batches; i++) {
      line.load.add(FRAME, 14, () => {});
      line.supply?.tell(line.load.frames.length);
    }
  };
  return { line, loads, come, done, sizes: () => loads.map(({ batches }) => batches) };
}

const turn = () => scheduler.wait(1);
const gathered = () => scheduler.wait(20);

it("answers the first at once, and what came meanwhile together", async () => {
  const { loads, come, done, sizes } = served();
  expect(sizes()).toEqual([1]);
  come(5);
  await gathered();
  expect(sizes()).toEqual([1]);
  loads[0]?.answer();
  await gathered();
  expect(sizes()).toEqual([1, 5]);
  loads[1]?.answer();
  await done;
});

it("gathers, once nothing is under way, what comes in the next moment", async () => {
  const { loads, come, done, sizes } = served();
  come(2);
  loads[0]?.answer();
  await Promise.resolve();
  come(3);
  await gathered();
  expect(sizes()).toEqual([1, 5]);
  loads[1]?.answer();
  await done;
});

it("answers much beside what is under way, and no third beside two", async () => {
  const { loads, come, done, sizes } = served();
  come(MUCH_BATCHES);
  await turn();
  expect(sizes()).toEqual([1, MUCH_BATCHES]);
  come(3 * MUCH_BATCHES);
  await gathered();
  expect(sizes()).toEqual([1, MUCH_BATCHES]);
  loads[1]?.answer();
  await turn();
  expect(sizes()).toEqual([1, MUCH_BATCHES, 3 * MUCH_BATCHES]);
  loads[0]?.answer();
  loads[2]?.answer();
  await done;
});

it("spools one load after the other, as soon as all may have come again who have their answer", async () => {
  const { loads, come, done, sizes } = served();
  loads[0]?.answer(true);
  await Promise.resolve();
  come(MUCH_BATCHES);
  await turn();
  expect(sizes()).toEqual([1, MUCH_BATCHES]);
  come(2 * MUCH_BATCHES);
  await turn();
  loads[1]?.answer(true);
  await Promise.resolve();
  come(MUCH_BATCHES - 1);
  await turn();
  expect(sizes()).toEqual([1, MUCH_BATCHES]);
  come(1);
  await turn();
  expect(sizes()).toEqual([1, MUCH_BATCHES, 3 * MUCH_BATCHES]);
  loads[2]?.answer(true);
  come(1);
  await gathered();
  expect(sizes()).toEqual([1, MUCH_BATCHES, 3 * MUCH_BATCHES, 1]);
  loads[3]?.answer();
  await done;
});

it("is woken while it rests, and ends when nothing comes", async () => {
  const { line, loads, come, done, sizes } = served();
  loads[0]?.answer();
  await gathered();
  expect(line.supply).not.toBeNull();
  come(1);
  await turn();
  expect(sizes()).toEqual([1, 1]);
  loads[1]?.answer();
  await done;
  expect(sizes()).toEqual([1, 1]);
});

it("takes nothing more once the leader's time is over, and ends when what is under way has", async () => {
  let now = 0;
  const { line, loads, come, done, sizes } = served(() => now);
  now += 10_001;
  come(2 * MUCH_BATCHES);
  await gathered();
  expect(sizes()).toEqual([1]);
  loads[0]?.answer();
  await done;
  expect(sizes()).toEqual([1]);
  expect(line.load.frames).toHaveLength(2 * MUCH_BATCHES);
});
