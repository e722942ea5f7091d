/** What the scripted visitors do in each application, as people do it: pointer, wheel and keys, not calls. */
import type { Page } from "playwright-core";

export interface Visit {
  /** Name of the recording, and of the page in apps/. */
  name: "api-explorer" | "staff-table" | "price-board" | "patchwork" | "checkout";
  /** @param keep takes along what is recorded so far, before the page is left */
  run(page: Page, events: () => Promise<number>, keep: () => Promise<void>): Promise<void>;
}

const API_EXPLORER: Visit = {
  name: "api-explorer",
  async run(page) {
    await page.getByText("Search the catalogue").waitFor();
    for (const summary of ["Search the catalogue", "Add a book", "Lend a book", "A member", "Open loans"]) {
      const operation = page.locator(".opblock").filter({ hasText: summary }).first();
      await operation.locator(".opblock-summary").click();
      await operation.getByRole("button", { name: "Try it out" }).click();
      for (const field of await operation.locator("input[type=text]").all()) {
        await field.pressSequentially("9783161484100", { delay: 1 });
      }
      const body = operation.locator("textarea");
      if ((await body.count()) > 0) await body.pressSequentially('{ "title": "Der Prozeß – 審判 🕵️" }', { delay: 1 });
      await wander(page, 24);
      await operation.getByRole("button", { name: "Execute" }).click();
      await operation.locator(".responses-inner .response-col_status").first().waitFor();
      await page.mouse.wheel(0, 400);
      await operation.getByRole("button", { name: "Cancel" }).click();
      await operation.locator(".opblock-summary").click();
    }
    const filter = page.getByPlaceholder("Filter by tag");
    for (const tag of ["catalogue", "loans", "members"]) {
      await filter.pressSequentially(tag, { delay: 1 });
      await wander(page, 16);
      await filter.fill("");
    }
    await page.mouse.wheel(0, 2_000);
    await wander(page, 40);
  },
};

const STAFF_TABLE: Visit = {
  name: "staff-table",
  async run(page) {
    await page.locator(".tabulator-row").first().waitFor();
    const name = page.locator(".tabulator-col[tabulator-field=name] input");
    for (const words of ["Ada", "Мария", "雪", "Zoë"]) {
      await name.pressSequentially(words, { delay: 2 });
      await page.locator(".tabulator-cell[tabulator-field=name]").filter({ hasText: words }).first().waitFor();
      await name.fill("");
    }
    for (const field of ["salary", "progress", "town", "salary"]) {
      await page.locator(`.tabulator-col[tabulator-field=${field}] .tabulator-col-title`).click();
      await page.mouse.move(400, 400);
      for (let notch = 0; notch < 25; notch++) {
        await page.mouse.wheel(0, 240);
        await wander(page, 2);
      }
      await page.mouse.wheel(0, -6_000);
    }
    for (let row = 0; row < 6; row++) {
      const cells = page.locator(".tabulator-row").nth(row);
      await cells.locator("[tabulator-field=note]").click();
      await page.keyboard.type(`Line ${row} — "naïve" \\ 🙂`);
      await page.keyboard.press("Tab");
      await cells.locator("[tabulator-field=active]").click();
    }
    await wander(page, 40);
  },
};

/** As long as a trader keeps the page open: mutations by the tens of thousands. */
const PRICE_BOARD_EVENTS = 30_000;

const PRICE_BOARD: Visit = {
  name: "price-board",
  async run(page, events) {
    await page.locator(".tabulator-row").first().waitFor();
    const titles = page.locator(".tabulator-col-title");
    for (let turn = 0; ; turn++) {
      const left = PRICE_BOARD_EVENTS - (await events());
      if (left <= 0) return;
      await page.evaluate((times) => window.tick(times), Math.min(1_000, Math.ceil(left / 3)));
      await titles.nth(turn % 3).click();
      await page.mouse.wheel(0, turn % 2 === 0 ? 600 : -600);
      await wander(page, 6);
    }
  },
};

const PATCHWORK: Visit = {
  name: "patchwork",
  async run(page) {
    await page.locator("x-card").first().waitFor();
    for (let turn = 0; turn < 12; turn++) {
      await page.evaluate((times) => window.change(times), 25);
      await page.getByLabel("Name").pressSequentially("Zoë ", { delay: 1 });
      await page.getByLabel("I agree").setChecked(turn % 2 === 0);
      await page.getByTestId("save").click();
      await page.mouse.wheel(0, turn % 2 === 0 ? 400 : -400);
      await wander(page, 4);
    }
  },
};

/** Somebody who does not get through: nothing answers, the card is declined, they look elsewhere and give up. */
const CHECKOUT: Visit = {
  name: "checkout",
  async run(page, _events, keep) {
    const moved = async (ms: number) => {
      await page.waitForTimeout(400);
      await page.evaluate((time) => window.skipTime?.(time), ms);
      await wander(page, 2);
    };
    await page.getByLabel("Name on card").pressSequentially("Ada", { delay: 1 });
    await moved(4_000);
    await page.getByRole("button", { name: "Apply coupon" }).click();
    await moved(4_000);
    await page.getByRole("button", { name: "Pay now" }).click();
    await page.getByText("Card declined").waitFor();
    await moved(6_000);
    for (let turn = 0; turn < 6; turn++) await page.getByText("Pay now").click({ delay: 1 });
    await moved(20_000);
    await page.getByLabel("Town").pressSequentially("Oslo", { delay: 1 });
    await moved(3_000);
    await keep();
    await page.getByRole("link", { name: "Terms" }).click();
    await page.getByText("You owe us").waitFor();
    await moved(1_000);
    await keep();
    await page.goBack();
    await page.getByText("Pay now").waitFor();
    await moved(3_000);
  },
};

export const VISITS: readonly Visit[] = [API_EXPLORER, STAFF_TABLE, PRICE_BOARD, PATCHWORK, CHECKOUT];

declare global {
  interface Window {
    /** Of the price board: lets prices move that often. */
    tick(times: number): Promise<void>;
    /** Of the patchwork: so many turns of changes. */
    change(times: number): Promise<void>;
    skipTime?(ms: number): void;
  }
}

/** The pointer goes here and there, in small steps. */
async function wander(page: Page, points: number) {
  for (let point = 0; point < points; point++) {
    await page.mouse.move(100 + ((point * 173) % 900), 120 + ((point * 97) % 500), { steps: 4 });
  }
}
