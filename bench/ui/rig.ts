/** What the console's figures are measured on: its build, as it is deployed, over the API's rig, and a person at it. */
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { buildIfStale, CONSOLE_BUILD } from "#stack/builds.ts";
import { answers, freePort, launch, untilReady } from "#stack/engines/engine.ts";
import { ROOT } from "#stack/settings.ts";
import { launchChromium } from "../../test/support/chromium.ts";
import { signIn } from "../../test/support/console-page.ts";
import { type Rig as ApiRig, openRig as openApiRig } from "../api/rig.ts";
import { loadSession } from "../api/sessions.ts";
import { watchFrames } from "./watch-frames.ts";

const LOGS = join(ROOT, "node_modules/.cache/rrhog");
const MINUTE_MS = 60_000;
const HOURS_MS = 3 * 60 * MINUTE_MS;

export interface Rig {
  api: ApiRig;
  uiUrl: string;
  /** Signed in; its cache has what a page was made of before. */
  context: BrowserContext;
  /** The console's page of a session of a minute, and of one of three hours. Both begin with the same minute. */
  sessionUrl: { short: string; long: string };
  /** The long one's events as one JSON array. */
  longEvents(): Promise<string>;
  /** A page with what is watched on it, closed afterwards. */
  onPage<T>(work: (page: Page) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function openRig(): Promise<Rig> {
  await buildIfStale(CONSOLE_BUILD, join(LOGS, "build.log"), new AbortController().signal);
  const api = await openApiRig();
  const port = await freePort();
  const uiUrl = `http://127.0.0.1:${port}`;
  const ui = await launch({
    name: "ui",
    command: process.execPath,
    args: [join(ROOT, "ui/server.ts")],
    env: { UI_PORT: String(port), API_URL: api.apiUrl, RRHOG_EMBEDDED: "1", NODE_ENV: "production" },
    logFile: join(LOGS, "bench-ui.log"),
  });
  await untilReady(ui, () => answers(`${uiUrl}/healthz`));
  const short = await loadSession(api, MINUTE_MS);
  const long = await loadSession(api, HOURS_MS);
  const browser = await launchChromium();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await (await signIn(context, uiUrl)).close();
  await context.addInitScript(watchFrames);
  const urlOf = (session: string) => `${uiUrl}/projects/1/sessions/${session}`;
  return {
    api,
    uiUrl,
    context,
    sessionUrl: { short: urlOf(short), long: urlOf(long) },
    async longEvents() {
      const headers = { ...api.reader, accept: "application/x-ndjson" };
      const answer = await fetch(`${api.apiUrl}/v1/projects/1/sessions/${long}/events`, { headers });
      return `[${(await answer.text()).trimEnd().replaceAll("\n", ",")}]`;
    },
    async onPage(work) {
      const page = await context.newPage();
      try {
        return await work(page);
      } finally {
        await page.close();
      }
    },
    async close() {
      await browser.close();
      await ui.stop();
      await api.close();
    },
  };
}
