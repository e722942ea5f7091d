/** Scripted visits, the same for every recorder. Each runs in the page, apart from what a hand does. */
import type { Page } from "playwright-core";

export interface Visit {
  /** In the figure's name. */
  id: string;
  name: string;
  /** Of the page's body, before any script of the visit. */
  nodes: number;
  run(page: Page): Promise<void>;
}

const SMALL = 1_000;
const LARGE = 50_000;

export const VISITS: Visit[] = [
  {
    id: "typing",
    name: "1,000 nodes, typing and scrolling",
    nodes: SMALL,
    run: async (page) => {
      await page.locator("#note").pressSequentially("The quick brown fox jumps over the lazy dog. ".repeat(3));
      for (let step = 0; step < 60; step++) {
        await page.mouse.move(100 + ((step * 37) % 600), 100 + ((step * 53) % 400));
        await page.mouse.wheel(0, step % 20 < 10 ? 120 : -120);
      }
    },
  },
  { id: "large", name: "50,000 nodes", nodes: LARGE, run: async (page) => page.evaluate(fewChanges) },
  { id: "table", name: "a table of 1,000 rows, made anew", nodes: SMALL, run: async (page) => page.evaluate(tables) },
  { id: "storm", name: "a mutation storm", nodes: SMALL, run: async (page) => page.evaluate(storm) },
];

/** The page that all visits are paid to: nested sections with text, attributes and a form. */
export function pageOf(nodes: number): string {
  const row = (n: number) =>
    `<li class="row ${n % 2 ? "odd" : "even"}" data-n="${n}"><b>Item ${n}</b> <span style="color:#${(n % 900) + 100}">costs ${n * 7} crowns</span></li>`;
  // Each row is seven nodes: li, b, its text, a space, span, its text, and the line break after it.
  const rows = Array.from({ length: Math.round(nodes / 7) }, (_, n) => row(n));
  return `<h1>A page of ${nodes} nodes</h1><textarea id="note"></textarea><div id="stage"></div><ul>\n${rows.join("\n")}\n</ul>`;
}

async function fewChanges(): Promise<void> {
  const rows = document.querySelectorAll<HTMLElement>("li");
  for (let step = 0; step < 30; step++) {
    const row = rows[(step * 997) % rows.length];
    if (row) row.dataset.n = `changed ${step}`;
    await new Promise(requestAnimationFrame);
  }
}

/** As the usual benchmark of frameworks does it: 1,000 rows of a table made, replaced, one in ten changed, cleared. */
async function tables(): Promise<void> {
  const stage = document.querySelector("#stage") as HTMLElement;
  for (let time = 0; time < 4; time++) {
    const table = document.createElement("table");
    for (let n = 0; n < 1_000; n++) {
      const row = table.insertRow();
      row.className = n % 5 === 0 ? "danger" : "";
      row.insertCell().textContent = String(n);
      const link = document.createElement("a");
      link.href = `#${n}`;
      link.textContent = `pretty red table ${n * (time + 1)}`;
      row.insertCell().append(link);
      const icon = document.createElement("span");
      icon.className = "glyphicon glyphicon-remove";
      icon.setAttribute("aria-hidden", "true");
      row.insertCell().append(icon);
      row.insertCell();
    }
    stage.replaceChildren(table);
    await new Promise(requestAnimationFrame);
    for (const [n, row] of [...table.rows].entries()) if (n % 10 === 0) row.cells[1]?.append(" !!!");
    await new Promise(requestAnimationFrame);
  }
  stage.replaceChildren();
  await new Promise(requestAnimationFrame);
}

/** Each frame for three seconds: 300 attributes, 100 texts, 50 elements moved. */
async function storm(): Promise<void> {
  const rows = [...document.querySelectorAll<HTMLElement>("li")];
  const list = rows[0]?.parentElement as HTMLElement;
  for (let frame = 0; frame < 180; frame++) {
    for (let n = 0; n < 300; n++) {
      const row = rows[(frame * 31 + n) % rows.length] as HTMLElement;
      row.style.transform = `translateX(${(frame + n) % 50}px)`;
    }
    for (let n = 0; n < 100; n++) {
      const bold = rows[(frame * 17 + n) % rows.length]?.firstElementChild;
      if (bold?.firstChild) bold.firstChild.nodeValue = `Item ${frame}-${n}`;
    }
    for (let n = 0; n < 50; n++) list.append(rows[(frame * 7 + n) % rows.length] as HTMLElement);
    await new Promise(requestAnimationFrame);
  }
}

/** A minute as people spend it: reading, scrolling, typing a little, while the page changes a price each second. */
export async function minute(page: Page): Promise<void> {
  await page.evaluate(() => {
    setInterval(() => {
      const spans = document.querySelectorAll("li span");
      const span = spans[Math.floor(performance.now() / 1_000) % spans.length];
      if (span) span.textContent = `costs ${Math.round(performance.now())} crowns`;
    }, 1_000);
  });
  const endsAt = Date.now() + 60_000;
  for (let step = 0; Date.now() < endsAt; step++) {
    // In bursts of four seconds, then six of reading.
    if (step % 10 < 4) {
      for (let move = 0; move < 8; move++) {
        await page.mouse.move(80 + ((step * 61 + move * 29) % 700), 90 + ((step * 43 + move * 31) % 420));
        if (move % 4 === 0) await page.mouse.wheel(0, step % 20 < 10 ? 90 : -90);
      }
      if (step % 10 === 3) await page.locator("#note").pressSequentially("a few words ");
    }
    await page.waitForTimeout(1_000);
  }
}
