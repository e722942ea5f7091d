import Bowser from "bowser";
import { isbot } from "isbot";

export interface Client {
  browser: string | null;
  os: string | null;
  /** desktop, mobile, tablet, tv or bot */
  device: string | null;
}

/** The client behind a `User-Agent`, as far as it tells: lists filter by these words. */
export function clientOf(userAgent: string): Client {
  if (userAgent === "") return { browser: null, os: null, device: null };
  const { browser, os, platform } = Bowser.parse(userAgent);
  return { browser: browser.name || null, os: os.name || null, device: platform.type || null };
}

/**
 * What a `User-Agent` is that is no visitor's:
 * - `crawler`: a machine that says so, such as a search engine's, a link preview's or a speed test's;
 * - `headless`: a browser without a screen. Tests of one's own site run in such, and few crawlers say that they do;
 * - `program`: an HTTP library or something unnamed. It records no page by itself: a server handed the batch on.
 */
export type Bot = "crawler" | "headless" | "program";

const HEADLESS = /\bHeadless(?=Chrome|\w*\/)/i;
/** How machines that look at sites name themselves, and the address at which they explain that. */
const CRAWLER = /bot\b|bot[/\d]|crawl|spider|slurp|https?:\/\//i;
const WHOLE_BROWSER = /^Mozilla\/5\.0 \(.{20}/;

/** By isbot's list, which is kept up to date with what comes by. Null for a browser, and where nothing is told. */
export function botOf(userAgent: string): Bot | null {
  if (userAgent === "") return null;
  const shown = userAgent.replace(HEADLESS, "");
  const isHeadless = shown !== userAgent;
  if (!isbot(shown)) return isHeadless ? "headless" : null;
  return CRAWLER.test(shown) || WHOLE_BROWSER.test(shown) ? "crawler" : "program";
}
