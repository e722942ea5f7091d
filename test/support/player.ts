/** rrweb's own player in Chromium, on a page that has nothing else, to hold a folded page against what it builds. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Browser } from "playwright-core";

const RRWEB = join(dirname(createRequire(import.meta.url).resolve("rrweb")), "rrweb.umd.cjs");

export interface RebuiltPage {
  /** `textContent` of the page and then of each shadow tree and frame in it, in the tree's order; without fields, styles and scripts. */
  texts: string[];
  /** What is visible by the rules of core/facts/dom/visible.ts, fields apart, with no white space at all. */
  visible: string;
  /** Of elements that were asked for by their node id: whether the selector finds that very element. */
  found: Record<number, boolean>;
}

export interface Player {
  /** Of all events up to this time of the client's clock, ms. Times have to grow. */
  at(timestamp: number, selectors: Record<number, string>): Promise<RebuiltPage>;
  /** The node ids of elements that are in the page now, as the player has them. */
  elementIds(): Promise<number[]>;
  close(): Promise<void>;
}

/** @param events JSON text of the array */
export async function openPlayer(browser: Browser, events: string): Promise<Player> {
  const page = await browser.newPage();
  await page.addScriptTag({ path: RRWEB });
  await page.evaluate((text) => {
    const { rrweb } = window as unknown as { rrweb: { Replayer: new (...args: unknown[]) => Replayer } };
    const parsed = JSON.parse(text) as { timestamp: number }[];
    const replayer = new rrweb.Replayer(parsed, { mouseTail: false, showWarning: false, loadTimeout: 0 });
    Object.assign(window, { replayer, beganAt: parsed[0]?.timestamp });
  }, events);
  return {
    async at(timestamp, selectors) {
      await page.evaluate((time) => window.replayer.pause(time - window.beganAt), timestamp);
      return page.evaluate(readPage, selectors);
    },
    elementIds: () =>
      page.evaluate(() => {
        const mirror = window.replayer.getMirror();
        return mirror.getIds().filter((id) => {
          const node = mirror.getNode(id);
          return node?.nodeType === 1 && node.isConnected;
        });
      }),
    close: () => page.close(),
  };
}

/** Runs in the page. */
function readPage(selectors: Record<number, string>): RebuiltPage {
  const LEFT_OUT = "script, style, noscript, textarea, select, iframe, link";
  const texts: string[] = [];
  const visit = (root: Document | ShadowRoot) => {
    let text = "";
    const inner: (Document | ShadowRoot)[] = [];
    const walk = (node: Node) => {
      if (node.nodeType === 3) text += node.nodeValue;
      const element = node.nodeType === 1 ? (node as HTMLIFrameElement) : null;
      if (element?.shadowRoot) inner.push(element.shadowRoot);
      if (element?.localName === "iframe" && element.contentDocument) inner.push(element.contentDocument);
      if (element?.matches(LEFT_OUT)) return;
      for (const child of node.childNodes) walk(child);
    };
    walk(root);
    texts.push(text.replace(/\s+/g, " ").trim());
    for (const one of inner) visit(one);
  };
  const document = window.replayer.iframe.contentDocument as Document;
  visit(document);

  let visible = "";
  const see = (node: Node): void => {
    if (node.nodeType === 3) visible += (node.nodeValue ?? "").replace(/\s+/g, "");
    if (node.nodeType === 1) {
      const element = node as HTMLElement;
      if (
        element.matches(
          "head, script, style, noscript, template, [hidden], dialog:not([open]), input, textarea, select",
        )
      )
        return;
      if (element.style?.display === "none" || element.localName === "link") return;
      if (element.shadowRoot) see(element.shadowRoot);
      if (element.localName === "iframe") {
        const inside = (element as HTMLIFrameElement).contentDocument;
        if (inside) see(inside);
        return;
      }
      if (element.matches("details:not([open])")) {
        for (const child of element.children) if (child.localName === "summary") see(child);
        return;
      }
    }
    for (const child of node.childNodes) see(child);
  };
  see(document);

  const mirror = window.replayer.getMirror();
  const found: Record<number, boolean> = {};
  for (const [id, selector] of Object.entries(selectors)) {
    const node = mirror.getNode(Number(id)) as Element | null;
    let root: ParentNode | null | undefined = document;
    const parts = selector.split(" >>> ");
    let matches: Element[] = [];
    for (const [at, part] of parts.entries()) {
      matches = root ? [...root.querySelectorAll(part)] : [];
      const [first] = matches;
      if (at < parts.length - 1) root = first?.shadowRoot ?? (first as HTMLIFrameElement | undefined)?.contentDocument;
    }
    found[Number(id)] = matches.length === 1 && matches[0] === node;
  }
  return { texts: texts.filter((text) => text !== ""), visible, found };
}

interface Replayer {
  iframe: HTMLIFrameElement;
  pause(ms: number): void;
  getMirror(): { getIds(): number[]; getNode(id: number): Node | null };
}

declare global {
  interface Window {
    replayer: Replayer;
    beganAt: number;
  }
}
