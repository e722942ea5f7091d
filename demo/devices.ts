/** What the visitors came with. Chromium plays them all; the user agents are those of the browsers they stand for. */
import type { BrowserContextOptions } from "playwright-core";

export type Device = BrowserContextOptions & { userAgent: string };

const LAPTOP = { viewport: { width: 1440, height: 900 }, locale: "en-GB" };
const DESKTOP = { viewport: { width: 1680, height: 950 }, locale: "en-US" };
export const FIREFOX_MAC: Device = {
  ...LAPTOP,
  userAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:156.0) Gecko/20100101 Firefox/156.0",
};
export const FIREFOX_WINDOWS: Device = {
  ...DESKTOP,
  userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:156.0) Gecko/20100101 Firefox/156.0",
};
export const CHROME_WINDOWS: Device = {
  ...DESKTOP,
  userAgent:
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36",
};
export const CHROME_LINUX: Device = {
  ...LAPTOP,
  userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36",
};
export const CHROME_MAC: Device = {
  ...LAPTOP,
  userAgent:
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36",
};
export const EDGE_WINDOWS: Device = {
  ...DESKTOP,
  userAgent:
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36 Edg/153.0.0.0",
};
export const SAFARI_MAC: Device = {
  ...LAPTOP,
  userAgent:
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
};
export const IPHONE: Device = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  userAgent:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
};
export const ANDROID: Device = {
  viewport: { width: 412, height: 915 },
  isMobile: true,
  hasTouch: true,
  userAgent:
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Mobile Safari/537.36",
};
