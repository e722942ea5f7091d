import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { FIXTURES, fixturesOf } from "./privacy-fixtures.ts";
import { addLater, changeAttributes, changeTexts, defineEveryNode, fillIn } from "./privacy-phases.ts";
import { expectNoHole } from "./recorded.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 100 });

/** Secrets begin so, and a leak of three letters is one. */
const MARKS = { balanced: "xqz", strict: "vqz" };
const OPTIONS = 'data-mask-text=".private" data-block=".chat"';
const page = (attributes: string) =>
  html(fixturesOf(MARKS, "loaded"), "", `${OPTIONS} ${attributes}`).replace("Shop", `${MARKS.strict}-title-loaded`);

const setting = inBrowser({
  "/balanced": page(""),
  "/strict": page('data-privacy="strict"'),
  "/next": html("<h1>Next</h1>"),
});

/** Every byte that left the page, as text: bodies, and the addresses of the requests. */
function sent(): string {
  return setting.site.deliveries.map(({ batch, query }) => JSON.stringify(batch) + query).join("\n");
}

/** The fixtures of which something left, each with how it was planted. */
function leaks(mark: string): string[] {
  const found = sent().match(new RegExp(`${mark}[\\w.-]{0,40}`, "g")) ?? [];
  const named = found.map((text) => text.replace(/-(\d+)-/, (_, i) => ` ${FIXTURES[Number(i)]?.name} `));
  return [...new Set(named)];
}

/** All that can happen to the fixtures, in one visit; ends when all of it is sent. */
async function visit(preset: string): Promise<void> {
  const { site, context } = setting;
  const page = await context.newPage();
  await page.addInitScript(defineEveryNode);
  const address = `?token=${MARKS.balanced}-query&q=${MARKS.strict}-query#access_token=${MARKS.balanced}-hash`;
  await page.goto(`${site.url}/${preset}${address}`);
  const frames = () => sent().split("in-frame").length - 1;
  // All but the blocked one: their classes are shown in each preset. More than once, where a busy machine takes a snapshot more.
  const count = fixturesOf(MARKS, "").split("<iframe").length - 2;
  await until(() => expect(frames()).toBeGreaterThanOrEqual(count));
  expect(await page.evaluate(addLater, fixturesOf(MARKS, "added"))).toBeGreaterThan(FIXTURES.length);
  await until(() => expect(frames()).toBeGreaterThanOrEqual(2 * count));
  await type(page);
  await observed();
  await page.evaluate(talk, MARKS);
  expect(await page.evaluate(fillIn, MARKS.balanced)).toBeGreaterThan(20);
  expect(await page.evaluate(changeTexts)).toBeGreaterThan(20);
  expect(await page.evaluate(changeAttributes)).toBeGreaterThan(50);
  await page.evaluate((mark) => {
    document.title = `${mark}-title-set`;
    history.pushState(null, "", `?q=1&session=${mark.replace("v", "x")}-pushed&q=${mark}-pushed`);
  }, MARKS.strict);
  await checkout();
  await page.goto(`${site.url}/next?jwt=${MARKS.balanced}-next`);
  await until(() => {
    expect(site.accepted().some(({ url }) => url.includes("/next"))).toBe(true);
    expectNoHole(site.accepted());
  });
}

/** With keys, letter by letter. */
async function type(page: Page): Promise<void> {
  for (const field of await page.locator("input:visible, textarea:visible, [contenteditable]:visible").all()) {
    if (/submit|button|checkbox|radio/.test((await field.getAttribute("type")) ?? "")) continue;
    await field.pressSequentially(`${MARKS.balanced}-typed`);
  }
}

/** Until the second script is there, which the page's first vitals or resources show. */
async function observed(): Promise<void> {
  await until(() => expect(sent()).toContain("rrweb/network@1"));
}

/** What a program says to its console and to its server. */
async function talk({ balanced, strict }: typeof MARKS): Promise<void> {
  console.info(`${strict}-console`, { password: `${balanced}-console`, list: [`token=${balanced}-console`] });
  const headers = { Authorization: `Bearer ${balanced}-header`, "X-Note": `${balanced}-header` };
  const body = JSON.stringify({ note: `${balanced}-body` });
  await fetch(`/next?token=${balanced}-request&q=${strict}-request`, { method: "POST", headers, body });
}

const snapshots = () => setting.site.accepted().flatMap(({ events }) => events.filter(({ type }) => type === 2));

/** A second full snapshot of the page as it is now, for which the server asks. */
async function checkout(): Promise<void> {
  const { site } = setting;
  const before = snapshots().length;
  const accept = site.answer;
  site.answer = () => ({ status: 202, body: { status: "accepted", durable: "stream", want: ["snapshot"] } });
  await until(() => expect(snapshots().length).toBeGreaterThan(before));
  site.answer = accept;
}

describe("the table of docs/privacy.md", () => {
  it("names each fixture, and what hides it", async () => {
    const text = await readFile(new URL("../../docs/privacy.md", import.meta.url), "utf8");
    const rows = (text.split("## Fixtures")[1] ?? "")
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()));
    for (const { name, hiddenFrom } of FIXTURES) {
      const row = rows.find((cells) => cells[1] === name);
      expect([name, row?.[2], row?.[3]]).toEqual([name, hiddenFrom === "balanced" ? "hidden" : "shown", "hidden"]);
    }
  });

  it("holds in balanced, and what is to be shown there is", async () => {
    await visit("balanced");
    expect(leaks(MARKS.balanced)).toEqual([]);
    const shown = leaks(MARKS.strict).join();
    for (const { name } of FIXTURES.filter(({ hiddenFrom }) => hiddenFrom === "strict")) expect(shown).toContain(name);
    for (const planted of [
      "loaded",
      "added",
      "text",
      "attribute",
      "query",
      "title-loaded",
      "title-set",
      "pushed",
      "console",
      "request",
    ]) {
      expect(shown).toContain(planted);
    }
  });

  it("holds in strict", async () => {
    await visit("strict");
    expect(leaks(MARKS.balanced)).toEqual([]);
    expect(leaks(MARKS.strict)).toEqual([]);
  });
});
