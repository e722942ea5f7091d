/**
 * npm run shots: pictures of the main pages of a running stack, light, dark and on a phone, into docs/screenshots/.
 * Names of pages as arguments take only those.
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { z } from "zod";
import { launchChromium } from "../test/support/chromium.ts";
import { type Addresses, readAddresses } from "./addresses.ts";
import { bytes, dim, fail, good } from "./terminal.ts";

const FOLDER = resolve(import.meta.dirname, "../docs/screenshots");

const LOOKS: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", isMobile: true, hasTouch: true },
};

interface Shot {
  name: string;
  /** Taken before anyone signs in. */
  signedOut?: true;
  /** It has one theme only. */
  undimmed?: true;
  /** Leads to the page and resolves when there is something to see. */
  open(page: Page, addresses: Addresses): Promise<void>;
}

const SHOTS: readonly Shot[] = [
  {
    name: "sign-in",
    signedOut: true,
    async open(page, { uiUrl }) {
      await page.goto(`${uiUrl}/sign-in`, { waitUntil: "networkidle" });
    },
  },
  {
    name: "sessions",
    async open(page, { uiUrl }) {
      await page.goto(`${uiUrl}/projects/1/sessions`, { waitUntil: "networkidle" });
      await page.locator("[data-session]").first().waitFor();
    },
  },
  {
    name: "session",
    async open(page, { uiUrl, apiUrl }) {
      const { sessionId, atSeconds } = await storyMoment(apiUrl);
      await page.goto(`${uiUrl}/projects/1/sessions/${sessionId}?t=${atSeconds}`, { waitUntil: "networkidle" });
      await page.waitForFunction(() => {
        const frame = document.querySelector<HTMLIFrameElement>(".replayer-wrapper iframe");
        return (frame?.contentDocument?.body?.textContent ?? "").trim() !== "";
      });
    },
  },
  {
    name: "dashboard",
    async open(page, { uiUrl }) {
      await page.goto(`${uiUrl}/projects/1/dashboards`, { waitUntil: "networkidle" });
    },
  },
  {
    name: "people",
    async open(page, { uiUrl }) {
      await page.goto(`${uiUrl}/projects/1/people`, { waitUntil: "networkidle" });
    },
  },
  {
    name: "settings",
    async open(page, { uiUrl }) {
      await page.goto(`${uiUrl}/projects/1/settings/limits`, { waitUntil: "networkidle" });
    },
  },
  {
    name: "api-docs",
    signedOut: true,
    undimmed: true,
    async open(page, { apiUrl }) {
      await page.goto(`${apiUrl}/docs`, { waitUntil: "networkidle" });
    },
  },
  // Last: whoever opens the shop is recorded, and would stand on top of the list.
  {
    name: "demo-shop",
    signedOut: true,
    undimmed: true,
    async open(page, { demoUrl }) {
      await page.goto(demoUrl);
      await page.locator("#watch-yourself").waitFor();
    },
  },
];

const Sessions = z.object({
  sessions: z.array(z.object({ session_id: z.string(), duration_ms: z.number(), user_id: z.string().nullish() })),
});

/** The newest session of somebody with a name, shortly before its end: the demo's story; else the newest at all. */
async function storyMoment(apiUrl: string) {
  const response = await fetch(`${apiUrl}/v1/projects/1/sessions?limit=50`, {
    headers: { authorization: "Bearer dev_read_123" },
  });
  const { sessions } = Sessions.parse(await response.json());
  const story = sessions.find(({ user_id }) => user_id) ?? sessions[0];
  if (!story) throw new Error("There are no sessions to take a picture of.");
  return { sessionId: story.session_id, atSeconds: Math.floor((story.duration_ms * 0.9) / 1_000) };
}

async function main(names: string[]) {
  const addresses = await readAddresses();
  const up = await fetch(`${addresses.uiUrl}/sign-in`).then(
    (answer) => answer.ok,
    () => false,
  );
  if (!up) throw new Error(`The console at ${addresses.uiUrl} does not answer. Run npm start beside this.`);
  await mkdir(FOLDER, { recursive: true });
  const browser = await launchChromium();
  try {
    for (const shot of SHOTS.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const looks = Object.keys(LOOKS).filter((look) => look !== "dark" || !shot.undimmed);
      for (const look of looks) await take(browser, addresses, shot, look);
    }
  } finally {
    await browser.close();
  }
}

async function take(browser: Browser, addresses: Addresses, shot: Shot, look: string) {
  const context = await browser.newContext({ ...LOOKS[look], reducedMotion: "reduce", locale: "en-GB" });
  const page = await context.newPage();
  if (!shot.signedOut) await signIn(page, addresses.uiUrl);
  await shot.open(page, addresses);
  const file = `${shot.name}.${look}.png`;
  const image = await page.screenshot({ path: join(FOLDER, file), animations: "disabled" });
  await context.close();
  console.log(`${good("✓")} docs/screenshots/${file} ${dim(bytes(image.byteLength))}`);
}

async function signIn(page: Page, uiUrl: string) {
  await page.goto(uiUrl);
  await page.getByRole("button", { name: "Continue as demo owner" }).click();
  await page.waitForURL(/\/projects\/1\//);
}

await main(process.argv.slice(2)).catch(fail);
