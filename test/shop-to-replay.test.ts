import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { readEvents, readSummary } from "#cli/read-back.ts";
import { openClickHouse } from "#core/store/clickhouse/client.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { launchChromium } from "./support/chromium.ts";
import { explained, signIn, untilReplayShows } from "./support/console-page.ts";
import { type RunningStack, startStack } from "./support/running-stack.ts";
import { streamedTexts } from "./support/stream.ts";

const PASSWORD = "mackerel-sky-7f3d";
/** The one that the shop declines; it stands on the page as well, there in groups of four. */
const CARD = "4000000000000002";
const SECRETS = [PASSWORD, CARD];
/** On the shop's pages, not typed by anybody: what finds it would have found the secrets. */
const SHOWN = "Card declined";

let stack: RunningStack;
let browser: Browser;
let sessionId: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** Puts something into the cart, makes an account with a password, and is declined. */
async function shop(page: Page) {
  await page.goto(stack.addresses.demoUrl);
  await page.locator(".card a").first().click();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await page.getByRole("link", { name: "Go to the cart" }).click();
  await page.getByRole("link", { name: "Go to checkout" }).click();
  await type(page.getByLabel("E-mail"), "ada@example.com");
  await type(page.getByLabel("Full name"), "Ada");
  await type(page.getByLabel("Address"), "1 Sea Road");
  await page.getByLabel("Create an account").check();
  const password = page.getByLabel("Password", { exact: true });
  await type(password, PASSWORD.slice(0, 9));
  await page.getByRole("button", { name: "Show password" }).click();
  await type(password, PASSWORD.slice(9));
  await page.getByRole("button", { name: "Continue to payment" }).click();
  await type(page.getByLabel("Card number"), CARD);
  await type(page.getByLabel("Expiry"), "12/29");
  await type(page.getByLabel("CVC"), "737");
  await page.locator("#pay").click();
  await page.getByText(SHOWN).waitFor();
}

/**
 * Types at the end of what is there, once the field stands still: what was typed into a page that was only coming has been
 * lost. A secret that came out otherwise could be looked for in vain.
 */
async function type(field: Locator, text: string) {
  const before = await field.inputValue();
  await field.click();
  await field.press("End");
  await field.pressSequentially(text);
  expect(await field.inputValue()).toBe(before + text);
}

describe("a visit to the demo shop", () => {
  it("is recorded to its last moment, which is sent as the page is left", async () => {
    const page = await (await browser.newContext()).newPage();
    await explained(page, () => shop(page));
    const link = page.locator("#watch-yourself");
    await link.waitFor();
    sessionId = z.guid().parse(new URL((await link.getAttribute("href")) ?? "").pathname.split("/").at(-1));
    await page.goto("about:blank");
    const reading = { apiUrl: stack.addresses.apiUrl, readKey: "dev_read_123", projectId: 1, sessionId };
    await vi.waitUntil(async () => (await readEvents("ndjson", reading)).some((event) => event.includes(SHOWN)), {
      timeout: 90_000,
      interval: 100,
    });
    await page.context().close();
  });

  it("appears in the console, and its replay shows the text that the visitor saw", async () => {
    const { apiUrl, uiUrl } = stack.addresses;
    const page = await signIn(await browser.newContext(), uiUrl);
    const row = page.locator(`a[href*="${sessionId}"]`).first();
    await vi.waitFor(
      async () => {
        await page.reload();
        await row.waitFor({ timeout: 5_000 });
      },
      { timeout: 90_000 },
    );
    const session = await readSummary({ apiUrl, readKey: "dev_read_123", projectId: 1, sessionId });
    const atTheEnd = Math.floor((session?.duration_ms ?? 0) / 1_000);
    await page.goto(`${uiUrl}/projects/1/sessions/${sessionId}?t=${atTheEnd}`);
    await untilReplayShows(page, SHOWN);
    await page.context().close();
  });
});

describe("what was typed into a password or a card field", () => {
  it("is nowhere in ClickHouse", async () => {
    const client = openClickHouse(stack.addresses.clickhouseUrl, "test");
    const found = async (needle: string) => {
      const counts = ["events_rrweb", "events", "batches"].map(async (table) => {
        const answer = await client.query({
          query: `SELECT count() AS n FROM ${table} WHERE position(formatRow('JSONEachRow', *), {needle: String}) > 0`,
          query_params: { needle },
          format: "JSONEachRow",
        });
        return z.array(z.object({ n: z.coerce.number() })).parse(await answer.json())[0]?.n ?? 0;
      });
      return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0);
    };
    expect(await found(SHOWN)).toBeGreaterThan(0);
    for (const secret of SECRETS) expect(await found(secret)).toBe(0);
    await client.close();
  });

  it("is nowhere in Postgres", async () => {
    const sql = openPostgres(stack.addresses.postgresUrl, "test");
    const texts = await Promise.all(
      [sql`SELECT s::text AS row FROM sessions_meta s`, sql`SELECT d::text AS row FROM dead_letters d`].map(
        async (query) => (await query).map(({ row }) => String(row)).join("\n"),
      ),
    );
    expect(texts.join("\n")).toContain(sessionId);
    for (const secret of SECRETS) expect(texts.join("\n")).not.toContain(secret);
    await sql.end();
  });

  it("is nowhere in the stream", async () => {
    const texts = await streamedTexts(stack.addresses.natsUrl);
    expect(texts.some((text) => text.includes(SHOWN))).toBe(true);
    for (const secret of SECRETS) expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  });

  it("is nowhere in the data folder's files, logs included", async () => {
    // Engines at work take folders away while they are listed: then it is listed again.
    const files = await vi.waitFor(() => readdir(stack.dataDir, { recursive: true, withFileTypes: true }), {
      timeout: 90_000,
    });
    for (const file of files.filter((entry) => entry.isFile())) {
      const path = join(file.parentPath, file.name);
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      for (const secret of SECRETS) expect(bytes.includes(secret), `${secret} in ${path}`).toBe(false);
    }
  });
});
