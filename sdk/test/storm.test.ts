import { expect, it, vi } from "vitest";
import { html, inBrowser } from "./browser.ts";
import { allOf, tagged } from "./recorded.ts";
import { replay } from "./replayed.ts";

const pageOf = (rows: number) => {
  const list = Array.from({ length: rows }, (_, n) => `<li class="row"><b>Item ${n}</b> <i>costs ${n}</i></li>`);
  // Not laid out: on a busy machine layout would leave rrweb too little of each second to go over its budget.
  return html(`<h1>Storm</h1><ul id="list" hidden>${list.join("")}</ul>`);
};
const setting = inBrowser({
  "/small": pageOf(400),
  "/large": pageOf(1_200),
  "/empty": "<!doctype html><title>Replay</title>",
});

/** So that it is a storm on any machine. */
const SLOWDOWN = 6;

/** Three seconds in which every frame changes, moves, makes and removes hundreds of nodes. */
async function storm(): Promise<void> {
  const list = document.querySelector("#list") as HTMLElement;
  const endsAt = performance.now() + 3_000;
  for (let frame = 0; performance.now() < endsAt; frame++) {
    const all = [...list.children] as HTMLElement[];
    for (let n = 0; n < 150; n++) {
      const row = all[(frame * 31 + n) % all.length] as HTMLElement;
      row.style.transform = `translateX(${(frame + n) % 50}px)`;
      const text = row.firstElementChild?.firstChild;
      if (text) text.nodeValue = `Item ${frame}-${n}`;
    }
    for (let n = 0; n < 20; n++) list.append(all[(frame * 7 + n) % all.length] as HTMLElement);
    const made = document.createElement("li");
    made.innerHTML = `<b>Made ${frame}</b>`;
    list.prepend(made);
    if (frame % 3 === 0) list.lastElementChild?.remove();
    await new Promise(requestAnimationFrame);
  }
}

it.each([
  ["small", "of a full snapshot each"],
  ["large", "of what has changed"],
])("is told in steps, with a mark at each, and ends as the page does: a %s page, in steps %s", async (size) => {
  const page = await setting.context.newPage();
  await page.goto(`${setting.site.url}/${size}`);
  await vi.waitFor(() => expect(setting.site.accepted()).not.toHaveLength(0), { timeout: 45_000 });
  const session = await setting.context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  await page.evaluate(storm);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  const seen = await page.evaluate(() => document.querySelector("#list")?.innerHTML);
  await page.evaluate(() => window.rrhog?.stop());
  await vi.waitFor(async () => expect(await page.evaluate(() => window.rrhog?.status()?.pending)).toBe(0), {
    timeout: 45_000,
  });
  const steps = tagged(allOf(setting.site), "rrhog.slowed").map(({ pause_ms }) => pause_ms);
  expect(steps[0]).toBe(500);
  const events = allOf(setting.site);
  const snapshots = events.filter(({ type }) => type === 2);
  expect(snapshots).toHaveLength(size === "small" ? steps.length + 1 : 1);
  const replayed = await replay(setting.context, `${setting.site.url}/empty`, events);
  expect(await replayed.evaluate(() => window.replayed.querySelector("#list")?.innerHTML)).toBe(seen);
});
