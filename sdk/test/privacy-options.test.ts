import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { SAMPLE } from "../../ui/app/settings/masking-sample.ts";
import { html, inBrowser } from "./browser.ts";
import { ended, leave } from "./recorded.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });

const FORM = `<p id="text">text-of-the-page</p><p class="order">order-of-ada</p>
  <input id="plain" value="plain-loaded"><input id="search" class="search" value="search-loaded">
  <input id="password" type="password" value="secret-loaded"><input id="card" autocomplete="cc-number">
  <input id="check" type="checkbox"><select id="select"><option>first-option<option>second-option</select>
  <div id="editable" contenteditable></div>`;

/** `options` are of `init`, as JavaScript. */
function initialised(options: string): string {
  const init = `rrhog.init({ key: "k", host: location.origin, ${options} })`;
  return `<!doctype html><title>Shop</title><script src="/rrhog.js"></script><script>${init}</script>${FORM}`;
}

/** The page that the console shows as each preset records it. */
const SAMPLED = `<h1>${SAMPLE.heading.page}</h1><p>${SAMPLE.text.page}</p>
  <input type="email" value="${SAMPLE.typed.page}"><input type="password" value="${SAMPLE.password.page}">
  <select><option selected>${SAMPLE.chosen.page}</select><img src="/${SAMPLE.picture.page}" width="80" height="40">
  <button>${SAMPLE.button.page}</button><a href="${SAMPLE.address.page}">&rarr;</a>`;

const setting = inBrowser({
  "/sampled-balanced": html(SAMPLED),
  "/sampled-strict": html(SAMPLED, "", 'data-privacy="strict"'),
  "/": html(FORM),
  "/shown": html(FORM, "", 'data-mask-inputs="false"'),
  "/strict": initialised('privacy: "strict", unmask: "#text, .search, #select"'),
  "/bad-mask": html(FORM, "", 'data-mask-text="p[" data-unmask="#text"'),
  "/bad-block": html(FORM, "", 'data-block="p["'),
  "/bad-unmask": initialised('privacy: "strict", unmask: "#text,"'),
  "/scrub": initialised('scrubUrl: (url) => url.replace(/\\d+/g, "N")'),
  "/scrub-fails": initialised('scrubUrl: () => { throw new Error("no") }'),
});

/** All that is sent of a visit to the page. */
async function recordingOf(address: string, act: (page: Page) => Promise<unknown> = async () => {}): Promise<string> {
  const { site, context } = setting;
  const page = await context.newPage();
  page.on("console", (message) => told.push(message.text()));
  told = [];
  await page.goto(site.url + address);
  await until(() => expect(site.accepted()).not.toHaveLength(0));
  await act(page);
  await leave(page);
  return JSON.stringify(await ended(site));
}

/** What the page's console said. */
let told: string[] = [];

describe("the console's preview", () => {
  it.each(["balanced", "strict"] as const)(
    "shows what %s records of its page, and what it does not",
    async (preset) => {
      const recording = await recordingOf(`/sampled-${preset}`);
      for (const { page, [preset]: recorded } of Object.values(SAMPLE)) {
        expect(recording).toContain(recorded);
        if (recorded !== page) expect(recording).not.toContain(page);
      }
    },
  );
});

describe("maskInputs: false", () => {
  it("shows what is typed and chosen, but no password, once it was one, and no card", async () => {
    const recording = await recordingOf("/shown", async (page) => {
      await page.fill("#plain", "plain-typed");
      await page.fill("#card", "secret-card");
      await page.locator("#editable").pressSequentially("editable-typed");
      await page.selectOption("#select", "second-option");
      await page.check("#check");
      await page.evaluate(() => {
        // In one turn: nothing has told rrweb yet that it is no password any more.
        const password = document.querySelector("#password") as HTMLInputElement;
        password.type = "text";
        password.value = "secret-shown";
        password.dispatchEvent(new Event("input", { bubbles: true }));
        password.removeAttribute("data-rr-is-password");
        password.setAttribute("value", "secret-attribute");
      });
    });
    for (const shown of ["plain-loaded", "plain-typed", "editable-typed", "second-option", '"isChecked":true']) {
      expect(recording).toContain(shown);
    }
    expect(recording).not.toContain("secret");
  });
});

describe("a choice", () => {
  it("is not told: which box is checked, which option selected", async () => {
    const recording = await recordingOf("/", async (page) => {
      await page.check("#check");
      await page.selectOption("#select", "second-option");
    });
    expect(recording).not.toMatch(/"isChecked":true|"checked"|"selected"|-option/);
  });
});

describe("editable text", () => {
  it("tells once that it was changed, not each key", async () => {
    const recording = await recordingOf("/", (page) => page.locator("#editable").pressSequentially("abcdefghij"));
    expect(recording.split('"texts":[{').length - 1).toBeLessThanOrEqual(1);
    expect(recording).not.toMatch(/abc|"startOffset":[1-9]/);
  });
});

describe("a mask that is taken off", () => {
  it("shows the text as it is then, and nothing that it was before", async () => {
    const recording = await recordingOf("/", (page) =>
      page.evaluate(() => {
        const order = document.querySelector(".order") as HTMLElement;
        order.classList.add("rr-mask");
        const text = order.firstChild as Text;
        for (const data of ["secret-order", "public-order"]) text.data = data;
        order.classList.remove("rr-mask");
      }),
    );
    expect(recording).toContain("public-order");
    expect(recording).not.toContain("secret");
  });
});

describe("unmask", () => {
  it("shows what it names where all is masked, fields only by themselves", async () => {
    const recording = await recordingOf("/strict", (page) => page.selectOption("#select", "second-option"));
    for (const shown of ["text-of-the-page", "search-loaded", "first-option", '"text":"second-option"']) {
      expect(recording).toContain(shown);
    }
    expect(recording).not.toMatch(/order-of-ada|plain-loaded|secret/);
  });
});

describe("a selector that does not work", () => {
  it.each(["/bad-mask", "/bad-block", "/bad-unmask"])("is told, and all is masked: %s", async (address) => {
    const recording = await recordingOf(address);
    expect(recording).toContain("********");
    expect(recording).not.toMatch(/text-of-the-page|order-of-ada|loaded|secret/);
    expect(told.filter((text) => text.startsWith("rrhog:"))).toEqual([expect.stringContaining("not a valid selector")]);
  });
});

describe("scrubUrl", () => {
  const act = (page: Page) =>
    page.evaluate(() => {
      const link = document.createElement("a");
      link.href = "/orders/17?code=5";
      document.body.append(link);
      history.pushState(null, "", "/orders/42?page=3&token=1");
    });

  it("changes each address that leaves, after what the recorder does", async () => {
    const { origin } = new URL(setting.site.url);
    const scrubbed = origin.replace(/\d+/g, "N");
    const recording = await recordingOf("/scrub?order=99", act);
    expect(recording).toContain(`${scrubbed}/scrub?order=N`);
    expect(recording).toContain(`${scrubbed}/orders/N?code=********`);
    expect(recording).toContain(`${scrubbed}/orders/N?page=N&token=********`);
    expect(recording).not.toMatch(/order=99|orders.(17|42)/);
    expect(setting.site.accepted().find(({ end }) => end)?.url).toBe(`${scrubbed}/orders/N?page=N&token=********`);
  });

  it("that throws leaves the origin of the address, and the recording", async () => {
    const recording = await recordingOf("/scrub-fails", act);
    expect(recording).not.toMatch(/scrub-fails|orders/);
    expect(setting.site.accepted().find(({ end }) => end)?.url).toBe(new URL(setting.site.url).origin);
  });
});
