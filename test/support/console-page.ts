/** A person at the console: signed in with one click, and what they see on the stage. */
import type { BrowserContext, Page } from "playwright-core";
import { vi } from "vitest";

export async function signIn(context: BrowserContext, uiUrl: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(uiUrl);
  await page.getByRole("button", { name: "Continue as demo owner" }).click();
  await page.waitForURL(/\/projects\/1\/sessions/);
  return page;
}

/** Where somebody is stuck, the error says what they see. */
export async function explained(page: Page, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const seen = await page.locator("body").ariaSnapshot();
    throw new Error(`${(error as Error).message}\n${page.url()} shows:\n${seen}`, { cause: error });
  }
}

/** The replayed page's text; it is read through the console's own document, since no script runs inside. */
export function replayedText(page: Page): Promise<string> {
  return page.evaluate(() => {
    const frame = document.querySelector<HTMLIFrameElement>(".replayer-wrapper iframe");
    return frame?.contentDocument?.body?.textContent ?? "";
  });
}

export async function untilReplayShows(page: Page, text: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const shown = await replayedText(page);
      if (!shown.includes(text)) throw new Error(`the replay shows no “${text}”, but: ${shown.slice(0, 400)}`);
    },
    { timeout: 90_000, interval: 100 },
  );
}
