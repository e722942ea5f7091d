import { describe, expect, it, vi } from "vitest";
import { MANGLED_NAMES } from "../mangled-names.ts";
import { html, inBrowser } from "./browser.ts";
import { allOf, recordingOf } from "./recorded.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
const setting = inBrowser({
  "/": html(`<h1>Everything</h1><style id="sheet">h1 { color: red }</style><input id="input"><input id="check" type="checkbox">
    <div id="host"></div><div id="early"></div><script>early.attachShadow({ mode: "open" }).innerHTML = "<b>Early</b>"</script><iframe id="frame" srcdoc="<p>In a frame</p>"></iframe><video></video>
    <p style="height: 3000px">Long</p>`),
});

/** All names of members, but those that the page itself gives to attributes. */
function namesIn(value: unknown, names = new Set<string>()): Set<string> {
  if (typeof value !== "object" || value === null) return names;
  for (const [name, member] of Object.entries(value)) {
    if (!Array.isArray(value)) names.add(name);
    if (name !== "attributes" || Array.isArray(member)) namesIn(member, names);
  }
  return names;
}

describe("names that the build shortens", () => {
  it("are none of what is sent: each kind of event has its members as rrweb names them", async () => {
    const page = await setting.context.newPage();
    await page.goto(setting.site.url);
    await until(() => expect(setting.site.accepted()).not.toHaveLength(0));
    await page.evaluate(() => {
      const root = (document.querySelector("#host") as Element).attachShadow({ mode: "open" });
      root.innerHTML = "<p>In a shadow</p>";
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("p { color: blue }");
      root.adoptedStyleSheets = [sheet];
      sheet.insertRule("p { margin: 0 }");
      const own = (document.querySelector("#sheet") as HTMLStyleElement).sheet as CSSStyleSheet;
      own.insertRule("p { color: green }");
      (own.cssRules[0] as CSSStyleRule).style.setProperty("color", "black");
      const heading = document.querySelector("h1") as HTMLElement;
      heading.style.color = "blue";
      heading.setAttribute("title", "changed");
      (heading.firstChild as Text).data = "Changed";
      getSelection()?.selectAllChildren(heading);
      document.querySelector("video")?.dispatchEvent(new Event("pause"));
      document.querySelector("#frame")?.remove();
      scrollTo(0, 500);
    });
    await page.locator("#input").pressSequentially("abc");
    await page.check("#check");
    await page.setViewportSize({ width: 600, height: 600 });
    await page.mouse.move(10, 10);
    await page.mouse.move(50, 50, { steps: 5 });
    // Some are told with the next frame, the pointer's way every half second.
    await until(() => {
      const changes = allOf(setting.site).filter(({ type }) => type === 3);
      const sources = new Set(changes.map(({ data }) => (data as { source: number }).source));
      expect([...sources]).toEqual(expect.arrayContaining([0, 1, 2, 3, 4, 5, 7, 8, 13, 14, 15]));
    });
    const events = await recordingOf(page, setting.site);
    const names = [...namesIn(events)];
    expect(names).toEqual(expect.arrayContaining(["initialOffset", "isAttachIframe", "isShadowHost", "textContent"]));
    expect(names.filter((name) => MANGLED_NAMES.includes(name))).toEqual([]);
    // What is shortened has one or two characters.
    expect(names.filter((name) => name.length <= 2).toSorted()).toEqual(["id", "x", "y"]);
  });
});
