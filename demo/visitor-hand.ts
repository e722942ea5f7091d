/** A visitor's hand: moves, clicks, scrolls and types at a person's pace, the same way each time for the same seed. */
import type { Page } from "playwright-core";

export interface Hand {
  /** Looks at the page for about this long, the pointer resting. */
  look(ms: number): Promise<void>;
  /** Moves to the middle of an element and clicks it, `times` times in anger. On a phone, taps. */
  click(selector: string, times?: number): Promise<void>;
  /** Clicks into a field and types. */
  type(selector: string, text: string): Promise<void>;
  /** Scrolls by so many pixels, in strokes of the wheel or thumb. */
  scroll(pixels: number): Promise<void>;
}

interface Point {
  x: number;
  y: number;
}

export function visitorHand(page: Page, seed: number, touches: boolean): Hand {
  const random = seeded(seed);
  const around = (ms: number) => ms * (0.75 + random() * 0.5);
  const look = (ms: number) => page.waitForTimeout(around(ms));
  let at: Point = { x: 200 + random() * 300, y: 200 + random() * 200 };

  /** Along a slight bow, fast in the middle and slow at the ends. */
  async function moveTo(target: Point): Promise<void> {
    const from = at;
    const bow = (random() - 0.5) * 80;
    const steps = Math.max(6, Math.min(28, Math.round(Math.hypot(target.x - from.x, target.y - from.y) / 22)));
    for (let step = 1; step <= steps; step++) {
      const t = step / steps;
      const eased = t * t * (3 - 2 * t);
      const sideways = Math.sin(Math.PI * t) * bow;
      await page.mouse.move(from.x + (target.x - from.x) * eased, from.y + (target.y - from.y) * eased + sideways);
      await page.waitForTimeout(14 + random() * 10);
    }
    at = target;
  }

  async function middleOf(selector: string): Promise<Point> {
    const element = page.locator(selector).first();
    await element.scrollIntoViewIfNeeded();
    const box = await element.boundingBox();
    if (!box) throw new Error(`nothing to point at: ${selector}`);
    return { x: box.x + box.width * (0.35 + random() * 0.3), y: box.y + box.height * (0.35 + random() * 0.3) };
  }

  async function click(selector: string, times = 1): Promise<void> {
    const target = await middleOf(selector);
    if (!touches) await moveTo(target);
    await page.waitForTimeout(around(160));
    for (let i = 0; i < times; i++) {
      if (touches) await page.touchscreen.tap(target.x, target.y);
      else await page.mouse.click(target.x, target.y, { delay: 40 + random() * 40 });
      if (i < times - 1) await page.waitForTimeout(90 + random() * 90);
    }
  }

  return {
    look,
    click,
    async type(selector, text) {
      await click(selector);
      await page
        .locator(selector)
        .first()
        .pressSequentially(text, { delay: around(85) });
    },
    async scroll(pixels) {
      const strokes = Math.ceil(Math.abs(pixels) / 120);
      for (let i = 0; i < strokes; i++) {
        if (touches) await page.evaluate((by) => window.scrollBy({ top: by }), pixels / strokes);
        else await page.mouse.wheel(0, pixels / strokes);
        await page.waitForTimeout(60 + random() * 60);
      }
    },
  };
}

/** A small linear congruential generator (Numerical Recipes' constants): recordings differ by script, not by luck. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
