import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { expectNoHole, openWatched, recordingOf, tagged } from "./recorded.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });

const FORM = `
  <form onsubmit="return false">
    <input id="email" type="email"><input id="text" value="secret-in-attribute"><input id="tel" type="tel">
    <input id="password" type="password"><button id="toggle" type="button"
      onclick="password.type = password.type === 'text' ? 'password' : 'text'">Show</button>
    <input id="hidden" type="hidden" value="secret-in-hidden"><input id="search" type="search">
    <textarea id="area">secret-in-textarea</textarea>
    <select id="select"><option value="a">Choose</option><option value="b">secret-but-an-option-of-the-page</option></select>
    <div id="editable" contenteditable>secret-in-editable <b>secret-in-bold</b></div>
    <p class="rr-mask">secret-in-masked</p><p class="rr-block">secret-in-blocked</p>
    <div id="host"></div><div id="later"></div>
  </form>
  <script>
    host.attachShadow({ mode: "open" }).innerHTML = '<input id="shadow" value="secret-in-shadow">';
  </script>`;

/** A form has its fields by their names, in the place of the browser's methods. */
const NAMED = '<input name="matches"><input name="closest"><input name="children">';
const setting = inBrowser({
  "/": html(FORM),
  "/next": html("<h1>Next</h1>"),
  "/fields": html(`<form data-rrhog-block>secret-in-blocked ${NAMED}</form>
    <form class="rr-mask">secret-in-masked ${NAMED}<input id="card" value="secret-in-field"></form>
    <form id="pay">Pay by card ${NAMED}</form><div id="host"></div>`),
});

/** Everything that left the page, requests' addresses included. */
function sent(): string {
  return setting.site.deliveries.map(({ batch, query }) => JSON.stringify(batch) + query).join("\n");
}

describe("privacy by default", () => {
  it("lets nothing that is typed leave the page, wherever it is typed", async () => {
    const page = await setting.context.newPage();
    await page.goto(setting.site.url);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    for (const id of ["email", "text", "tel", "password", "search", "area", "editable", "shadow"]) {
      await page.locator(`#${id}`).pressSequentially(`secret-typed-${id}`);
    }
    await page.click("#toggle");
    await page.locator("#password").pressSequentially("secret-while-shown");
    await page.click("#toggle");
    await page.fill("#email", "secret-set@example.com");
    await page.evaluate(() => {
      document.querySelector("#text")?.setAttribute("value", "secret-set-as-attribute");
      document.querySelector("#hidden")?.setAttribute("value", "secret-set-as-hidden");
      const later = document.querySelector("#later") as HTMLElement;
      later.innerHTML = '<input value="secret-added-later"><textarea>secret-area-later</textarea>';
      later.contentEditable = "true";
    });
    await page.selectOption("#select", "b");
    await page.goto(`${setting.site.url}/next`);
    await until(() => {
      expect(setting.site.accepted().some(({ url }) => url.endsWith("/next"))).toBe(true);
      expectNoHole(setting.site.accepted());
    });
    expect(sent().replaceAll("secret-but-an-option-of-the-page", "")).not.toContain("secret");
    expect(sent()).toContain("********");
  });

  it("is masked where a library hides it from the page's own queries, as those do that imitate shadow trees", async () => {
    const page = await setting.context.newPage();
    await page.addInitScript(() => {
      const own = Document.prototype.querySelectorAll;
      Document.prototype.querySelectorAll = function (this: Document) {
        return own.call(this, "never-there");
      } as typeof own;
    });
    await page.goto(setting.site.url);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    expect(sent().replaceAll("secret-but-an-option-of-the-page", "")).not.toContain("secret");
    expect(sent()).toContain("********");
  });

  it("holds in forms whose fields are called as the browser's methods are, and they are recorded as others", async () => {
    const page = await openWatched(await setting.context.newPage(), `${setting.site.url}/fields`);
    await page.evaluate(() => {
      const root = document.querySelector("#host")?.attachShadow({ mode: "open" }) as ShadowRoot;
      root.append(...[...document.forms].map((form) => form.cloneNode(true)));
    });
    await page.evaluate(() => (document.querySelector("#card") as HTMLElement).focus());
    await page.keyboard.type("secret");
    // Playwright asks the form for its `matches` itself.
    const { x, y } = await page.evaluate(() => (document.querySelector("#pay") as Element).getBoundingClientRect());
    await page.mouse.click(x + 5, y + 5);
    const events = await recordingOf(page, setting.site);
    expect(events.map(({ type }) => type)).toContain(2);
    const changes = events.filter(({ type, data }) => type === 3 && (data as { source?: number }).source === 0);
    expect(JSON.stringify(changes)).toContain("Pay by card");
    expect(tagged(events, "rrhog.click")).toMatchObject([{ selector: "#pay", text: "Pay by card" }]);
    expect(sent()).not.toContain("secret");
  });

  it("does not tell how long a text is, or how many keys it took", async () => {
    const page = await setting.context.newPage();
    await page.goto(setting.site.url);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await page.locator("#password").pressSequentially("abc");
    await page.locator("#tel").pressSequentially("0123456789");
    const inputs = (await recordingOf(page, setting.site)).filter(
      ({ type, data }) => type === 3 && (data as { source?: number }).source === 5,
    );
    expect(inputs.map(({ data }) => (data as { text?: string }).text)).toEqual(["********", "********"]);
  });
});
