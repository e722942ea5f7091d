import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Unanswered } from "./unanswered.ts";

const MAX = 20;
const clicked = (at: number, ts = at) => ({ moment: { at, ts } });
type Clicked = ReturnType<typeof clicked>;

/** What is meant, with a look at every click at every event. */
class Plain {
  waiting: Clicked[] = [];
  dead: Clicked[] = [];

  settle(at: number, began: readonly number[]): Clicked[] {
    const over = this.waiting.filter(({ moment }) => at - moment.at > 2_500);
    this.waiting = this.waiting.filter((click) => !over.includes(click));
    this.dead = [...this.dead, ...over].slice(0, Math.max(MAX, this.dead.length));
    const isLed = ({ moment: { ts } }: Clicked) => began.some((time) => time >= ts && time <= ts + 2_500);
    this.waiting = this.waiting.filter((click) => !isLed(click));
    this.dead = this.dead.filter((click) => !isLed(click));
    const told = this.dead.filter(({ moment }) => at - moment.at > 120_000);
    this.dead = this.dead.filter((click) => !told.includes(click));
    return told;
  }
}

describe("clicks of which nothing has come", () => {
  it("are told when their time is over, but for those that a request came of or the page answered", () => {
    const clicks = new Unanswered<Clicked>(MAX);
    const [first, second, third, fourth] = [0, 3_000, 6_000, 9_000].map((at) => clicked(at)) as [Clicked, ...Clicked[]];
    clicks.add(first);
    expect(clicks.settle(3_000, [])).toEqual([]);
    clicks.add(second as Clicked);
    expect(clicks.settle(6_000, [])).toEqual([]);
    clicks.add(third as Clicked);
    expect(clicks.settle(9_000, [])).toEqual([]);
    clicks.add(fourth as Clicked);
    clicks.answer();
    expect(clicks.settle(20_000, [5_500])).toEqual([]);
    expect(clicks.settle(120_001, [])).toEqual([first]);
    expect(clicks.end()).toEqual([third]);
    expect(clicks.isEmpty).toBe(true);
  });

  it("are the same as by a look at each of them, whatever comes and however the client's clock goes", () => {
    const time = fc.integer({ min: 0, max: 8 }).map((steps) => steps * 1_250);
    const step = fc.record({
      later: fc.oneof(time, fc.constant(60_000)),
      back: time,
      deed: fc.constantFrom("click", "click", "click", "request", "answer", "nothing"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const [clicks, plain] = [new Unanswered<Clicked>(MAX), new Plain()];
        let at = 0;
        for (const { later, back, deed } of steps) {
          at += later;
          const began = deed === "request" ? [at - back, at - 2 * back] : [];
          expect(clicks.settle(at, began)).toEqual(plain.settle(at, began));
          expect(clicks.hasRoom).toBe(plain.waiting.length < MAX);
          if (deed === "answer") {
            clicks.answer();
            plain.waiting = [];
          } else if (deed === "click" && clicks.hasRoom) {
            const click = clicked(at, at - back);
            clicks.add(click);
            plain.waiting.push(click);
          }
        }
        expect(clicks.end()).toEqual(plain.dead);
      }),
    );
  });

  it("are not all looked at with each event, though thousands wait and are dead", () => {
    let looks = 0;
    const counted = (at: number) => ({
      get moment() {
        looks++;
        return { at, ts: at };
      },
    });
    const clicks = new Unanswered<ReturnType<typeof counted>>(5_000);
    for (let at = 0; at < 5_000; at++) clicks.add(counted(at));
    clicks.settle(7_499, []);
    for (let at = 7_500; at < 12_500; at++) clicks.add(counted(at));
    looks = 0;
    for (let event = 0; event < 10_000; event++) clicks.settle(12_500, [event % 2 ? 12_501 + 2_500 : -1]);
    expect(looks).toBeLessThan(10_000 * 50);
  });
});
