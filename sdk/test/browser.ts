/** One Chromium and one site for a test file, a fresh browser profile for each test. */
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, inject } from "vitest";
import { launchChromium } from "../../test/support/chromium.ts";
import { type Page, type Site, startSite } from "./site.ts";

export interface Setting {
  site: Site;
  context: BrowserContext;
}

/** The setting of the test that runs; its members are set anew before each. */
export function inBrowser(pages: Record<string, Page>): Setting {
  let browser: Browser;
  const setting = {} as Setting;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    setting.site = await startSite(pages, builtScripts());
    setting.context = await browser.newContext();
  });
  afterEach(async () => {
    await setting.context.close();
    await setting.site.close();
  });
  return setting;
}

/** As the edge serves them, by their usual and by another name, and as a bundler's output would have them. */
export function builtScripts(): Record<string, string> {
  const [script, { path, text }] = [inject("script"), inject("observe")];
  const modules = Object.entries(inject("modules")).map(([name, module]) => [`/assets/${name}`, module]);
  return {
    ...{ "/rrhog.js": script, [path]: text },
    ...{ "/page.js": script, [path.replace("/rrhog/", "/page/")]: text },
    ...Object.fromEntries(modules),
  };
}

/** A page with the snippet, as a site would write it. `attributes` are the script's, beside its key. */
export function html(body: string, head = "", attributes = ""): string {
  const snippet = `<script async src="/rrhog.js" data-key="dev_write_123" ${attributes}></script>`;
  return `<!doctype html><html lang="en"><head><title>Shop</title>${head}${snippet}</head><body>${body}</body></html>`;
}
