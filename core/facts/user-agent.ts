import Bowser from "bowser";

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
