import type { ServerResponse } from "node:http";
import type { Frame, Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { allOf, recordingOf, tagged } from "./recorded.ts";
import { replay } from "./replayed.ts";
import type { SentEvent } from "./site.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
const frames = "data-record-cross-origin-iframes";
const FRAMED = '<h2>Payment</h2><input id="card" value="secret-number"><p id="said">nothing yet</p>';

/** The page with a frame of the other name of this very machine: another origin. */
const withFrame =
  (path: string, attributes: string) => (request: { headers: { host?: string } }, response: ServerResponse) => {
    const elsewhere = `http://${request.headers.host?.replace("127.0.0.1", "localhost")}`;
    const body = `<h1>Shop</h1><iframe id="frame" src="${elsewhere}${path}"></iframe>`;
    response.writeHead(200, { "Content-Type": "text/html" }).end(html(body, "", attributes));
  };

const setting = inBrowser({
  "/plain": "<!doctype html><title>Replay</title>",
  "/shadow": html(`<div id="host"></div><script>
    const root = host.attachShadow({ mode: "open" });
    root.innerHTML = "<p>in the shadow</p><slot></slot>";
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("p { color: rgb(1, 2, 3) }");
    root.adoptedStyleSheets = [sheet];
    const own = new CSSStyleSheet();
    own.replaceSync("#host { padding-top: 7px }");
    document.adoptedStyleSheets = [own];
    setTimeout(() => {
      sheet.insertRule("p { margin-top: 11px }", 1);
      root.querySelector("p").append(" later");
    }, 50);
  </script>`),
  "/frame": html(`<h1>Shop</h1><iframe id="frame" srcdoc="<p>in the frame</p>"></iframe>`),
  "/foreign": withFrame("/framed", frames),
  "/framed": html(FRAMED, "", frames),
  "/half": withFrame("/framed-alone", ""),
  "/framed-alone": html(FRAMED),
  "/around": withFrame("/framed", ""),
  "/panes": html(`<style>.pane { height: 50px; overflow: auto } p { height: 900px }</style>
    <div class="pane" id="early"><p>scrolled while parsing</p></div><div class="pane" id="later"><p>later</p></div>
    <div class="pane" id="never"><p>never</p></div><div id="host"></div><p>Long</p><script>
      early.scrollTop = 40;
      host.attachShadow({ mode: "open" }).innerHTML = '<div id="within" style="height: 50px; overflow: auto"><p style="height: 900px">in the shadow</p></div>';
      host.shadowRoot.querySelector("#within").scrollTop = 30;
      scrollTo(0, 60);
    </script>`),
  "/canvas": html('<canvas id="canvas" width="40" height="30"></canvas>', "", 'data-record-canvas="10"'),
  "/no-canvas": html('<canvas id="canvas" width="40" height="30"></canvas>'),
  "/fonts": html("<h1 style='font-family: Shop'>Shop</h1>", "", "data-collect-fonts"),
});

interface SnapshotNode {
  attributes?: { id?: string; rr_scrollTop?: number };
  tagName?: string;
  childNodes?: SnapshotNode[];
}

/** How far down each element is scrolled by a full snapshot, by its id or its tag. */
function scrolledIn({ data }: SentEvent): Record<string, number> {
  const found: Record<string, number> = {};
  const look = ({ attributes, tagName, childNodes = [] }: SnapshotNode) => {
    if (attributes?.rr_scrollTop) found[attributes.id ?? tagName ?? ""] = attributes.rr_scrollTop;
    childNodes.forEach(look);
  };
  look((data as { node: SnapshotNode }).node);
  return found;
}

async function open(path: string): Promise<Page> {
  const page = await setting.context.newPage();
  await page.goto(setting.site.url + path);
  await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
  return page;
}

const play = (events: readonly SentEvent[]) => replay(setting.context, `${setting.site.url}/plain`, events);
const sources = (events: readonly SentEvent[]) => events.map(({ data }) => (data as { source?: number }).source);

describe("what rrweb captures", () => {
  it("is shadow trees and adopted style sheets, with what changes in them", async () => {
    const page = await open("/shadow");
    const read = () => {
      const at = (window.replayed ?? document) as Document;
      const host = at.querySelector("#host") as HTMLElement;
      const p = host.shadowRoot?.querySelector("p") as HTMLElement;
      const { color, marginTop } = getComputedStyle(p);
      return [p.textContent, color, marginTop, getComputedStyle(host).paddingTop];
    };
    await page.waitForFunction(() => document.querySelector("#host")?.shadowRoot?.textContent?.includes("later"));
    const shown = await page.evaluate(read);
    expect(shown).toEqual(["in the shadow later", "rgb(1, 2, 3)", "11px", "7px"]);
    const replayed = await play(await recordingOf(page, setting.site));
    expect(await replayed.evaluate(read)).toEqual(shown);
  });

  it("is frames of the page's own origin", async () => {
    const page = await open("/frame");
    await page.evaluate(() => {
      const frame = document.querySelector<HTMLIFrameElement>("#frame")?.contentDocument as Document;
      (frame.querySelector("p") as HTMLElement).textContent = "changed in the frame";
    });
    const replayed = await play(await recordingOf(page, setting.site));
    const text = () => window.replayed.querySelector<HTMLIFrameElement>("#frame")?.contentDocument?.body.textContent;
    expect(await replayed.evaluate(text)).toBe("changed in the frame");
  });

  it("is pictures of canvases, as many a second as are asked for, and none without being asked", async () => {
    const paint = () => {
      const canvas = document.querySelector("#canvas") as HTMLCanvasElement;
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      context.fillStyle = "rgb(200, 0, 0)";
      context.fillRect(0, 0, 40, 30);
    };
    const bare = await open("/no-canvas");
    await bare.evaluate(paint);
    expect(sources(await recordingOf(bare, setting.site))).not.toContain(9);
    const page = await setting.context.newPage();
    await page.goto(`${setting.site.url}/canvas`);
    await until(async () => expect(await page.evaluate(() => window.rrhog?.status()?.acknowledged)).toBeGreaterThan(0));
    await page.evaluate(paint);
    await until(() => expect(sources(allOf(setting.site))).toContain(9));
    const replayed = await play(
      setting.site
        .accepted()
        .filter(({ url }) => url.endsWith("/canvas"))
        .flatMap(({ events }) => events),
    );
    const pixel = () => {
      const canvas = window.replayed.querySelector("#canvas") as HTMLCanvasElement;
      return [...(canvas.getContext("2d")?.getImageData(20, 15, 1, 1).data ?? [])];
    };
    await until(async () => expect((await replayed.evaluate(pixel))[0]).toBeGreaterThan(180));
  });

  it("is fonts that scripts load, where they are asked for", async () => {
    const page = await open("/fonts");
    const made = await page.evaluate(() => {
      // No font, but the browser learns that after it was recorded.
      const face = new FontFace("Shop", "url(data:font/woff2;base64,d09GMgABAAAAAA)");
      document.fonts.add(face);
      return new Promise((resolve) => setTimeout(() => resolve([face instanceof FontFace, face.family]), 50));
    });
    expect(made).toEqual([true, "Shop"]);
    const events = await recordingOf(page, setting.site);
    const font = events.find(({ data }) => (data as { source?: number }).source === 10)?.data;
    expect(font).toMatchObject({ family: "Shop", fontSource: expect.stringContaining("data:font/woff2") });
  });
});

describe("a frame of another origin", () => {
  const frameText = () => {
    const frame = window.replayed.querySelector<HTMLIFrameElement>("#frame")?.contentDocument;
    return [frame?.querySelector("h2")?.textContent, frame?.querySelector("#said")?.textContent];
  };

  async function openWithFrame(path: string) {
    const page = await open(path);
    const frame = page.frames().find((frame) => frame.url().includes("/framed"));
    await frame?.waitForFunction(() => window.rrhog);
    if (!frame) throw new Error("no frame");
    return { page, frame };
  }

  /** What a frame has said is with the page around it: messages of one frame keep their order. */
  async function handedOver(page: Page, frame: Frame): Promise<void> {
    await page.evaluate(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      addEventListener("message", ({ data }) => data === "all was said" && resolve());
      Object.assign(window, { handedOver: promise });
    });
    await frame.evaluate(() => parent.postMessage("all was said", "*"));
    await page.evaluate(() => (window as unknown as { handedOver: Promise<void> }).handedOver);
  }

  it("is recorded with the page around it, where both say so, and sends and stores nothing itself", async () => {
    const { page, frame } = await openWithFrame("/foreign");
    await until(() => expect(JSON.stringify(allOf(setting.site))).toContain("Payment"));
    await frame.evaluate(() => {
      (document.querySelector("#said") as HTMLElement).textContent = "paid";
      window.rrhog?.track("of the frame");
    });
    await frame.fill("#card", "secret-typed");
    expect(await frame.evaluate(() => [localStorage.length, sessionStorage.length, window.rrhog?.status()])).toEqual([
      0,
      0,
      expect.objectContaining({ recording: false, session_id: null }),
    ]);
    await handedOver(page, frame);
    const events = await recordingOf(page, setting.site);
    expect(new Set(setting.site.accepted().map(({ url, window_id }) => url + window_id)).size).toBe(1);
    expect(setting.site.configAsked).toBe(1);
    expect(tagged(events, "rrhog.track")).toEqual([]);
    expect(JSON.stringify(events)).not.toContain("secret");
    const replayed = await play(events);
    expect(await replayed.evaluate(frameText)).toEqual(["Payment", "paid"]);
  });

  it("is in each further full snapshot too", async () => {
    let wanted = false;
    setting.site.answer = () => {
      const body = wanted ? {} : { want: ["snapshot"] };
      wanted = true;
      return { status: 202, body };
    };
    const { page, frame } = await openWithFrame("/foreign");
    await frame.evaluate(() => {
      (document.querySelector("#said") as HTMLElement).textContent = "paid";
    });
    await until(() => expect(allOf(setting.site).filter(({ type }) => type === 2)).toHaveLength(2));
    await until(() => expect(JSON.stringify(afterLastSnapshot())).toContain("Payment"));
    await handedOver(page, frame);
    await recordingOf(page, setting.site);
    const replayed = await play(afterLastSnapshot());
    expect(await replayed.evaluate(frameText)).toEqual(["Payment", "paid"]);

    function afterLastSnapshot(): SentEvent[] {
      const events = allOf(setting.site);
      return events.slice(events.findLastIndex(({ type }) => type === 4));
    }
  });

  it("is a recording of its own, where the option is not given", async () => {
    await openWithFrame("/half");
    await until(() => {
      const paths = setting.site.accepted().map(({ url }) => new URL(url).pathname);
      expect(new Set(paths)).toEqual(new Set(["/half", "/framed-alone"]));
    });
    const own = setting.site.accepted().find(({ url }) => url.endsWith("/half"));
    expect(JSON.stringify(own?.events)).not.toContain("Payment");
  });

  it("is not recorded in a page that does not want it", async () => {
    const { page } = await openWithFrame("/around");
    const events = await recordingOf(page, setting.site);
    expect(JSON.stringify(events)).not.toContain("Payment");
    expect(setting.site.accepted().filter(({ url }) => url.includes("/framed"))).toEqual([]);
  });
});

describe("how far elements are scrolled", () => {
  it("is in each snapshot, also of what was scrolled before the first one, and in shadow trees", async () => {
    const page = await open("/panes");
    const snapshots = () => allOf(setting.site).filter(({ type }) => type === 2);
    await until(() => expect(snapshots()).toHaveLength(1));
    expect(scrolledIn(snapshots()[0] as SentEvent)).toEqual({ early: 40, within: 30, html: 60 });
    await page.evaluate(async () => {
      const later = document.querySelector("#later") as HTMLElement;
      const isTold = new Promise((done) => later.addEventListener("scroll", done, { once: true }));
      later.scrollTop = 20;
      await isTold;
      window.rrhog?.reset();
    });
    await until(() => expect(snapshots()).toHaveLength(2));
    expect(scrolledIn(snapshots()[1] as SentEvent)).toEqual({ early: 40, later: 20, within: 30, html: 60 });
  });
});
