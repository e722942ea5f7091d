/** Plays what was sent with rrweb's own Replayer, in a page that has nothing else. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import type { SentEvent } from "./site.ts";

const RRWEB = join(dirname(createRequire(import.meta.url).resolve("rrweb")), "rrweb.umd.cjs");

/** A page whose `replayed` is the document as it was after the last event. */
export async function replay(context: BrowserContext, url: string, events: readonly SentEvent[]): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.addScriptTag({ path: RRWEB });
  await page.evaluate(async (events) => {
    const { rrweb } = window as unknown as { rrweb: { Replayer: new (...args: unknown[]) => Replayer } };
    const replayer = new rrweb.Replayer(events, { mouseTail: false, UNSAFE_replayCanvas: true, speed: 8 });
    // Played, not skipped through: pictures of canvases are decoded on the way.
    const played = new Promise((resolve) => replayer.on("finish", resolve));
    replayer.play();
    await played;
    Object.assign(window, { replayed: replayer.iframe.contentDocument });
  }, events);
  return page;
}

interface Replayer {
  iframe: HTMLIFrameElement;
  on(event: string, handler: (value: unknown) => void): void;
  play(): void;
}

declare global {
  interface Window {
    replayed: Document;
  }
}
