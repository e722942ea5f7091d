import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build, type Plugin, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AppSite, serveApps } from "../../test/support/app-site.ts";
import { launchChromium } from "../../test/support/chromium.ts";
import { CHANGES, changed, fasterRrweb, UNREAD } from "../faster-rrweb.ts";

type Attributes = Record<string, unknown>;
interface Recorded {
  type: number;
  data: {
    source?: number;
    attributes?: { id: number; attributes: Attributes }[];
    adds?: unknown[];
    node?: unknown;
  };
}

declare global {
  interface Window {
    recorded: { plain: Recorded[]; faster: Recorded[] };
  }
}

/** As the recorder starts it, with more to ask of each node. */
const START = (name: string) => `
  import { record } from "@rrweb/record";
  window.recorded ??= {};
  window.skipTime = () => {};
  const events = (window.recorded.${name} = []);
  addEventListener("DOMContentLoaded", () => record({
    emit: (event) => events.push(JSON.parse(JSON.stringify(event))),
    maskInputOptions: { input: true, textarea: true },
    maskInputFn: (text) => text && "********",
    maskTextFn: (text) => text,
    ignoreSelector: ".ignored",
    blockSelector: ".rr-block,.left-out",
    slimDOMOptions: true,
  }));`;

async function bundled(name: string, plugins: Plugin[]): Promise<string> {
  const { output } = (await build({
    root: resolve(import.meta.dirname, ".."),
    configFile: false,
    logLevel: "silent",
    plugins: [
      ...plugins,
      {
        name: "entry",
        resolveId: (id) => (id === name ? id : null),
        load: (id) => (id === name ? START(name) : null),
      },
    ],
    build: {
      write: false,
      target: "es2020",
      modulePreload: { polyfill: false },
      rolldownOptions: { input: name, output: { format: "iife" } },
    },
  })) as Rolldown.RolldownOutput;
  return output[0].code;
}

let browser: Browser;
let site: AppSite;
let text: string;
beforeAll(async () => {
  const [plain, faster] = [await bundled("plain", []), await bundled("faster", [fasterRrweb()])];
  text = faster;
  browser = await launchChromium();
  site = await serveApps(`${plain}\n${faster}`);
});
afterAll(async () => {
  await browser?.close();
  site?.close();
});

/** Both recorders see the same page at the same time; what a pointer did has times of its own, the DOM has not. */
async function recordedBy(page: Page): Promise<{ plain: Recorded[]; faster: Recorded[] }> {
  const { plain, faster } = await page.evaluate(() => window.recorded);
  const ofTheDom = ({ type, data }: Recorded) => type === 2 || (type === 3 && data.source === 0);
  return { plain: plain.filter(ofTheDom), faster: faster.filter(ofTheDom) };
}

/** Styles in mutations, which may be told whole or as what changed in them, are compared by themselves. */
function withoutStyles(events: Recorded[]): unknown[] {
  return events.map(({ type, data: { attributes, ...data } }) => ({
    type,
    ...data,
    attributes: attributes?.map((changes) => ({
      ...changes,
      attributes: { ...changes.attributes, style: "style" in changes.attributes },
    })),
  }));
}

/** What each mutated style comes to, one after the other, as a player would set it. */
function stylesOf(page: Page, events: Recorded[]): Promise<string[]> {
  return page.evaluate((all) => {
    const elements = new Map<number, HTMLElement>();
    const begin = (node: unknown): void => {
      const { id, attributes, childNodes } = node as { id: number; attributes?: Attributes; childNodes?: unknown[] };
      const element = document.createElement("span");
      if (typeof attributes?.style === "string") element.setAttribute("style", attributes.style);
      elements.set(id, element);
      childNodes?.forEach(begin);
    };
    const styles: string[] = [];
    for (const { type, data } of all) {
      if (type === 2) begin(data.node);
      for (const added of data.adds ?? []) begin((added as { node: unknown }).node);
      for (const { id, attributes } of data.attributes ?? []) {
        const element = elements.get(id);
        if (!element || !("style" in attributes)) continue;
        const { style } = attributes;
        if (style === null) element.removeAttribute("style");
        else if (typeof style === "string") element.setAttribute("style", style);
        else {
          for (const [name, value] of Object.entries(style as Record<string, string | [string, string] | false>)) {
            if (value === false) element.style.removeProperty(name);
            else if (typeof value === "string") element.style.setProperty(name, value);
            else element.style.setProperty(name, ...value);
          }
        }
        styles.push(
          `${id} ${[...element.style]
            .map(
              (name) => `${name}: ${element.style.getPropertyValue(name)} ${element.style.getPropertyPriority(name)}`,
            )
            .sort()
            .join("; ")}`,
        );
      }
    }
    return styles;
  }, events);
}

async function expectTheSame(page: Page): Promise<void> {
  const { plain, faster } = await recordedBy(page);
  expect(withoutStyles(faster)).toEqual(withoutStyles(plain));
  expect(await stylesOf(page, faster)).toEqual(await stylesOf(page, plain));
}

/** A few moments in each of the applications. */
const VISITS: Record<string, (page: Page) => Promise<void>> = {
  async "api-explorer"(page) {
    for (const summary of ["Search the catalogue", "Lend a book"]) {
      const operation = page.locator(".opblock").filter({ hasText: summary }).first();
      await operation.locator(".opblock-summary").click();
      await operation.getByRole("button", { name: "Try it out" }).click();
      await operation.getByRole("button", { name: "Execute" }).click();
      await operation.locator(".responses-inner .response-col_status").first().waitFor();
    }
  },
  async "staff-table"(page) {
    await page.locator(".tabulator-row").first().waitFor();
    await page.locator(".tabulator-col[tabulator-field=salary] .tabulator-col-title").click();
    await page.mouse.move(400, 400);
    for (let notch = 0; notch < 8; notch++) await page.mouse.wheel(0, 240);
    await page.locator(".tabulator-col[tabulator-field=name] input").fill("Zoë");
    await page.locator(".tabulator-cell[tabulator-field=name]").filter({ hasText: "Zoë" }).first().waitFor();
  },
  async "price-board"(page) {
    await page.evaluate(() => (window as unknown as { tick(times: number): Promise<void> }).tick(200));
  },
};

describe("rrweb, made faster", () => {
  it.each(Object.entries(VISITS))("records the same of %s", async (name, visit) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${site.url}/${name}.html`);
    await visit(page);
    const { plain } = await recordedBy(page);
    expect(plain.length).toBeGreaterThan(5);
    await expectTheSame(page);
    await page.close();
  });

  it("records the same of moves, styles, shadow roots, frames, masked and left out, whatever comes in one turn", async () => {
    const page = await browser.newPage();
    await page.goto(`${site.url}/oddities.html`);
    for (let seed = 1; seed <= 40; seed++) await page.evaluate(churn, seed);
    const { plain } = await recordedBy(page);
    expect(plain.length).toBeGreaterThan(20);
    await expectTheSame(page);
    await page.close();
  });

  it("reads none of the options that are not handed on any more", () => {
    expect(text).not.toMatch(new RegExp(`\\b(${UNREAD.join("|")})\\b`));
  });

  it("ends the build where rrweb reads otherwise than expected, and says where", () => {
    const [{ from }] = CHANGES as [(typeof CHANGES)[number]];
    expect(() => changed("a newer rrweb")).toThrow(from);
    expect(() => changed(from + from)).toThrow("2 times");
  });
});

/** A turn of random changes: what a seed does, it always does. */
function churn(seed: number): void {
  let state = seed * 2_654_435_761;
  const random = (below: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e37_79b9) >>> 0;
    return state % below;
  };
  const roots: (Document | ShadowRoot)[] = [document];
  for (const element of document.querySelectorAll("*")) if (element.shadowRoot) roots.push(element.shadowRoot);
  const any = (): HTMLElement => {
    const all = (roots[random(roots.length)] as Document).querySelectorAll<HTMLElement>(".play, .play *");
    return all[random(all.length)] as HTMLElement;
  };
  const made = () => {
    const names = ["p", "b", "x-card", "svg", "input", "textarea", "select", "style", "iframe", "form", "a"];
    const element = document.createElement(names[random(names.length)] as string);
    element.className = ["", "secret", "rr-block", "left-out", "rr-block-not", "rr-mask"][random(6)] as string;
    element.setAttribute("data-n", String(random(1_000)));
    if (element instanceof HTMLAnchorElement) element.href = "next?x=1";
    if (element instanceof HTMLStyleElement) element.textContent = `.n${random(9)} { color: red }`;
    else if (!(element instanceof HTMLIFrameElement)) element.append(`text ${random(99)}`);
    return element;
  };
  const isWithin = (node: Node | null, root: Node): boolean =>
    node !== null && (node === root || isWithin(node instanceof ShadowRoot ? node.host : node.parentNode, root));
  for (let step = 0; step < 30; step++) {
    const [one, other] = [any(), any()];
    if (!one || !other) continue;
    const kind = random(9);
    if (kind === 0) one.append(made());
    else if (kind === 1) one.prepend(made(), made());
    else if (kind === 2 && !isWithin(other, one)) other.append(one);
    else if (kind === 3 && !one.matches(".play")) one.remove();
    else if (kind === 4) one.style.cssText = `color: rgb(${random(255)}, 0, 0); width: ${random(90)}px !important`;
    else if (kind === 5)
      one.style.cssText += `; margin: ${random(9)}px; background: url("x.png"); padding: 1px 2px 3px 4px; border: 1px solid var(--c${random(3)}, black)`;
    else if (kind === 6) one.firstChild?.replaceWith(`other ${random(99)}`);
    else if (kind === 7) one.classList.toggle("secret");
    else one.setAttribute("title", `title ${random(99)}`);
  }
}
