import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import type { Replayer } from "rrweb";
import { expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { recordingOf } from "./recorded.ts";
import type { SentEvent } from "./site.ts";

declare global {
  interface Window {
    /** The package's script, in the page that plays. */
    rrweb: { Replayer: typeof Replayer };
  }
}

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
const PLAYER = createRequire(import.meta.url)
  .resolve("rrweb")
  .replace(/rrweb\.cjs$/, "rrweb.umd.cjs");

const STYLE = `<style>
  .grid { display: grid; grid-template-columns: 200px 100px; gap: 10px }
  .tall { height: 60px } .wide { width: 320px }
  input[type="email"] { width: 210px; height: 33px } [aria-expanded="true"] { height: 44px }
</style>`;

/** Each with an id, and the picture, has a size that does not hang on its text. */
const PAGE = `
  <div id="grid" class="grid"><p id="cell" class="tall">text-of-the-page</p><p id="second" style="height: 12px">text</p></div>
  <input id="email" type="email" value="secret"><textarea id="area" class="wide tall">secret</textarea>
  <select id="select" class="wide"><option>secret</select>
  <div id="open" role="button" aria-expanded="true" aria-label="text">text</div>
  <img width="120" height="80" src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E" alt="">
  <svg id="drawing" width="50" height="40" viewBox="0 0 50 40"><rect id="rect" width="30" height="20" stroke-width="2"/></svg>
  <div id="editable" class="wide tall" contenteditable>secret</div>
  <div id="host" class="wide"><template shadowrootmode="open"><div style="height: 21px">text</div></template></div>
  <iframe id="frame" width="150" height="70" srcdoc="<p>text</p>"></iframe><div id="later"></div>`;

const setting = inBrowser({
  "/balanced": html(PAGE, STYLE),
  "/strict": html(PAGE, STYLE, 'data-privacy="strict"'),
  "/player": "<!doctype html><title>Player</title>",
});

type Layout = Record<string, (string | number | null)[]>;

/** Of each element with an id, and the picture, which loses all but its size where it is blocked: what it is, and how large. */
function layoutOf(root: Document): Layout {
  const elements = [...root.querySelectorAll("[id], img")];
  return Object.fromEntries(
    elements.map((element) => {
      const { width, height } = element.getBoundingClientRect();
      return [
        element.id || element.localName,
        [element.localName, element.getAttribute("class"), Math.round(width), Math.round(height)],
      ];
    }),
  );
}

async function played(page: Page, events: SentEvent[]): Promise<Layout> {
  await page.goto(`${setting.site.url}/player`);
  await page.addScriptTag({ path: PLAYER });
  await page.evaluate((all) => {
    const replayer = new window.rrweb.Replayer(all as ConstructorParameters<typeof Replayer>[0], {
      root: document.body,
    });
    replayer.pause(replayer.getMetaData().totalTime);
  }, events);
  const layout = (): Promise<Layout> =>
    page.evaluate(
      `(${layoutOf})(document.querySelector(".replayer-wrapper > iframe").contentDocument)`,
    ) as Promise<Layout>;
  await until(async () => expect((await layout()).added).toBeDefined());
  return await layout();
}

it.each(["balanced", "strict"])("a masked recording plays, each element as large as it was: %s", async (preset) => {
  const { site, context } = setting;
  const page = await context.newPage();
  await page.goto(`${site.url}/${preset}`);
  await until(() => expect(site.accepted()).not.toHaveLength(0));
  await page.fill("#email", "secret");
  await page.evaluate(() => {
    const later = document.querySelector("#later") as HTMLElement;
    later.innerHTML = '<p id="added" class="wide tall">text</p>';
    document.querySelector("#cell")?.setAttribute("class", "wide");
    (document.querySelector("#second") as HTMLElement).style.height = "25px";
  });
  const layout = (await page.evaluate(`(${layoutOf})(document)`)) as Layout;
  const events = await recordingOf(page, site);
  expect(JSON.stringify(events)).not.toContain("secret");
  expect(await played(await context.newPage(), events)).toEqual(layout);
});
