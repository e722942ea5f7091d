import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { signJWT } from "better-auth/crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { deliver } from "#cli/delivery.ts";
import { readSummary } from "#cli/read-back.ts";
import { parseRecording, type Recording, readRecording } from "#cli/recording.ts";
import { sealBatches } from "#cli/sealed-batch.ts";
import { SIGN_IN_LASTS_S } from "#core/api/auth/better-auth.ts";
import { SESSION_COOKIE } from "#core/api/auth/session.ts";
import { openPostgres } from "#core/store/postgres/client.ts";
import { differingPart, startAssetSite } from "./support/asset-site.ts";
import { CANARY_GOES_ON, CANARY_LINK, CANARY_TEXT, startCanary } from "./support/canary.ts";
import { launchChromium } from "./support/chromium.ts";
import { replayedText, signIn, untilReplayShows } from "./support/console-page.ts";
import { type RunningStack, startStack } from "./support/running-stack.ts";
import { serveSnippet } from "./support/snippet-site.ts";

const RECORDINGS = join(import.meta.dirname, "recordings");
const AXE = resolve(import.meta.dirname, "../node_modules/axe-core/axe.min.js");

const PATIENT = { timeout: 90_000, interval: 100 };

const SETUP_TOKEN = "setup token of the tests";

let stack: RunningStack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ env: { ASSETS_LOOPBACK: "1", SETUP_TOKEN } }), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** Sends a recording through the edge and waits until it is listed. */
async function record(recording: Recording): Promise<string> {
  const { edgeUrl, apiUrl } = stack.addresses;
  const sessionId = randomUUID();
  const batches = sealBatches(recording.events, { sessionId, windowId: randomUUID(), batchSize: 500, gzip: true });
  for (const batch of batches) {
    await deliver(batch, { edgeUrl, writeKey: "dev_write_123", patienceMs: 30_000, onRetry: () => {} });
  }
  await vi.waitUntil(
    async () => {
      const session = await readSummary({ apiUrl, readKey: "dev_read_123", projectId: 1, sessionId });
      return session?.event_count === recording.events.length;
    },
    { timeout: 90_000, interval: 100 },
  );
  return sessionId;
}

async function signedIn(options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
  return signIn(await browser.newContext(options), stack.addresses.uiUrl);
}

const replayUrl = (sessionId: string) => `${stack.addresses.uiUrl}/projects/1/sessions/${sessionId}`;

describe("the console", () => {
  it("signs the demo owner in with one click, lists the sessions, opens one, and goes on in the list and back to it", async () => {
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/sessions?sort=longest`, { waitUntil: "networkidle" });
    const rows = page.locator("[data-session]");
    const ids = await rows.evaluateAll((rows) => rows.map((row) => row.getAttribute("data-session")));
    expect(ids.length).toBeGreaterThanOrEqual(8);
    await rows.nth(1).click();
    await page.waitForURL(new RegExp(`/sessions/${ids[1]}`));
    await vi.waitUntil(async () => (await replayedText(page)).trim() !== "", { timeout: 90_000 });
    await page.getByRole("link", { name: "Next session" }).waitFor();
    await page.keyboard.press("]");
    await page.waitForURL(new RegExp(`/sessions/${ids[2]}`));
    // The address is there before the page is: until then the link leads on from the session before.
    const back = page.getByRole("link", { name: "Previous session" });
    await back.and(page.locator(`[href*="${ids[1]}"]`)).click();
    await page.waitForURL(new RegExp(`/sessions/${ids[1]}`));
    await page.getByRole("link", { name: "Back to the sessions" }).click();
    await page.waitForURL(/sessions\?sort=longest$/);
    await page.context().close();
  });

  it("opens a session of a list of errors shortly before its error, with its stack and the way to it in words", async () => {
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/sessions?errors=true`, { waitUntil: "networkidle" });
    await page.locator("[data-session]").first().click();
    await page.getByRole("button", { name: /error .*you came for this/ }).waitFor();
    const moment = page.getByRole("slider", { name: "Moment of the session" });
    const now = async () => Number(await moment.getAttribute("aria-valuenow"));
    await vi.waitUntil(async () => (await now()) > 0, { timeout: 90_000 });
    await page.keyboard.press("k");

    await page.getByRole("tab", { name: "Errors" }).click();
    await page.getByRole("list", { name: "Errors" }).getByRole("button").first().click();
    await page.getByRole("list", { name: "Stack" }).waitFor();
    const atError = await now();
    await page.getByRole("tab", { name: "Transcript" }).click();
    await page.getByRole("list", { name: "Transcript" }).getByRole("button").first().click();
    await vi.waitUntil(async () => (await now()) < atError, { timeout: 90_000 });
    await page.getByRole("tab", { name: "Page" }).click();
    await page.getByText("<body").waitFor();
    await page.context().close();
  });

  it("shows nothing of a project to who is not signed in", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/sessions`);
    expect(new URL(page.url()).pathname).toBe("/sign-in");
    await page.context().close();
  });

  it("shows the first frame of a recording of 30,000 events after at most two requests for events", async () => {
    const sessionId = await record(await readRecording(join(RECORDINGS, "price-board.json.gz")));
    const page = await signedIn();
    let requests = 0;
    page.on("request", (request) => {
      if (new URL(request.url()).pathname.endsWith("/events")) requests++;
    });
    await page.goto(replayUrl(sessionId));
    await untilReplayShows(page, "Price board");
    expect(requests).toBeLessThanOrEqual(2);
    await page.context().close();
  });

  it("opens a long recording at a moment in its middle, and deletes it where it is watched", async () => {
    const sessionId = await record(await readRecording(join(RECORDINGS, "staff-table.json.gz")));
    const page = await signedIn();
    await page.goto(`${replayUrl(sessionId)}?t=3`);
    await untilReplayShows(page, "Staff");

    // Where it is watched it can be deleted as well.
    const name = `anonymous ${sessionId.slice(0, 4)}`;
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Delete the session" }).click();
    await page.getByRole("textbox", { name: `Type ${name} to confirm` }).fill(name);
    await page.getByRole("button", { name: "Delete 1 session" }).click();
    await page.getByRole("link", { name: "To the sessions", exact: true }).click();
    expect((await page.goto(replayUrl(sessionId)))?.status()).toBe(404);
    await page.context().close();
  });
});

describe("a share link", () => {
  it("is made on the session's page, plays for who has it and is not signed in, its part alone, and is revoked there", async () => {
    const sessionId = await record(await readRecording(join(RECORDINGS, "staff-table.json.gz")));
    const page = await signedIn();
    await page.goto(replayUrl(sessionId));
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("radio", { name: "A part of it" }).check();
    await page.getByRole("textbox", { name: "From second" }).fill("2");
    await page.getByRole("textbox", { name: "To second" }).fill("4");
    await page.getByRole("button", { name: "Make a link" }).click();
    const link = await page.locator("[data-told-once]").inputValue();

    const guest = await (await browser.newContext()).newPage();
    const answer = await guest.goto(link);
    expect(answer?.headers()["referrer-policy"]).toBe("no-referrer");
    expect(await answer?.text()).not.toContain(sessionId);
    await untilReplayShows(guest, "Staff");
    await guest.getByText("/ 0:02").waitFor();
    expect((await guest.goto(`${link.slice(0, -1)}${link.endsWith("A") ? "Q" : "A"}`))?.status()).toBe(404);

    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByText("Opens from 0:02 to 0:04").waitFor();
    await page.getByText("opened 1 time").waitFor();
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByRole("button", { name: "Revoke the link" }).click();
    await page.getByText("Opens from 0:02 to 0:04").waitFor({ state: "detached" });
    expect((await guest.goto(link))?.status()).toBe(404);
    await guest.context().close();
    await page.context().close();
  });
});

describe("a project's settings", () => {
  it("make a key that is told once, and revoke it", async () => {
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/settings`, { waitUntil: "networkidle" });
    expect(new URL(page.url()).pathname).toBe("/projects/1/settings/keys");
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Checkout");
    await page.getByRole("button", { name: "Make the key" }).click();
    const key = await page.locator("[data-told-once]").inputValue();
    expect(key).toMatch(/^rrhog_w_/);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Revoke Checkout" }).click();
    await page.getByRole("button", { name: "Revoke this key" }).click();
    await page.getByRole("status").getByText("Key revoked").waitFor();
    await page.getByRole("row", { name: /Checkout.*Revoked/ }).waitFor();
    expect(await page.content()).not.toContain(key);
    await page.context().close();
  });

  it("do not keep a selector that works nowhere", async () => {
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/settings/recording`, { waitUntil: "networkidle" });
    const field = page.getByLabel("Mask the text of");
    const isValid = () => field.evaluate((input: HTMLInputElement) => input.validity.valid);
    await field.fill(".balance, #1");
    await page.getByText("This is no CSS selector").waitFor();
    expect(await isValid()).toBe(false);
    await field.fill(".balance, [data-private]");
    expect(await isValid()).toBe(true);
    await page.context().close();
  });

  it("shorten a retention only for who agrees that what is older is deleted", async () => {
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/settings/limits`, { waitUntil: "networkidle" });
    const save = page.getByRole("region", { name: "Retention" }).getByRole("button", { name: "Save" });
    await page.getByLabel("Days for which sessions are kept").fill("60");
    const agreed = page.getByLabel("Delete for good what is older than 60 days");
    await save.click();
    expect(await agreed.evaluate((box: HTMLInputElement) => box.validity.valid)).toBe(false);
    await agreed.check();
    await save.click();
    await page.getByText("Limits saved").waitFor();
    await agreed.waitFor({ state: "detached" });
    await page.context().close();
  });

  it("keep a quota and draw its use, and the audit log says who set it", async () => {
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/settings/limits`, { waitUntil: "networkidle" });
    await page.getByLabel("Sessions a month").fill("100000");
    await page.getByRole("region", { name: "Use of this month" }).getByRole("button", { name: "Save" }).click();
    await page.getByText(/ of 100,000 sessions/).waitFor();
    await page.getByLabel("Sessions a month").fill("-1");
    await page.getByRole("region", { name: "Use of this month" }).getByRole("button", { name: "Save" }).click();
    expect(await page.getByLabel("Sessions a month").evaluate((field: HTMLInputElement) => field.validity.valid)).toBe(
      false,
    );
    await page.getByRole("link", { name: "Audit log" }).click();
    await page.getByText(/limits.quota_sessions_per_month/).waitFor();
    await page.context().close();
  });
});

describe("a session in progress", () => {
  it("is shown in the tab that the visitor went back to, whichever opened last", async () => {
    const session = { session_id: randomUUID(), end: false };
    const begunAt = Date.now() - 60_000;
    const click = { type: 3, timestamp: begunAt + 4_000, data: { source: 2, type: 2, id: 4, x: 9, y: 9 } };
    const first = [...pageSaying("The first tab", begunAt), click, textBecomes("The first tab", begunAt + 50_000)];
    const second = pageSaying("The second tab", begunAt + 2_000);
    await post({ ...session, window_id: randomUUID(), seq: 0, events: first });
    await post({
      ...session,
      window_id: randomUUID(),
      seq: 0,
      events: [...second, textBecomes("The second tab", begunAt + 50_000)],
    });
    const page = await signedIn();
    const address = replayUrl(session.session_id);
    await vi.waitUntil(async () => (await (await page.goto(address))?.text())?.includes("Tab 2"), {
      timeout: 60_000,
    });
    await page.goto(`${address}?t=1`);
    const moment = page.getByRole("slider", { name: "Moment of the session" });
    await vi.waitUntil(async () => Number(await moment.getAttribute("aria-valuenow")) > 4, { timeout: 60_000 });
    await page.getByRole("button", { name: /^Tab 1,/, pressed: true }).waitFor();
    await untilReplayShows(page, "The first tab");
    await page.context().close();
  });

  it("is listed, shows what happens as it happens, and can be gone back in", async () => {
    const session = { session_id: randomUUID(), window_id: randomUUID() };
    const begunAt = Date.now() - 3_000;
    await post({ ...session, seq: 0, events: pageSaying("It begins", begunAt) });
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/live`);
    await page.locator(`[data-session="${session.session_id}"]`).click({ timeout: 90_000 });
    await untilReplayShows(page, "It begins");
    await page.getByRole("button", { name: "Live", exact: true }).waitFor();

    await post({ ...session, seq: 1, events: [textBecomes("It goes on", Date.now())] });
    await untilReplayShows(page, "It goes on");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.keyboard.press("0");
    await untilReplayShows(page, "It begins");
    await page.getByRole("button", { name: "Back to live" }).click();
    await untilReplayShows(page, "It goes on");

    await post({ ...session, seq: 2, events: [textBecomes("It ends", Date.now())], end: true });
    await untilReplayShows(page, "It ends");
    await page.getByRole("button", { name: "Play again" }).waitFor({ timeout: 90_000 });
    await page.context().close();
  });

  async function post(batch: Record<string, unknown>): Promise<void> {
    const answer = await fetch(`${stack.addresses.edgeUrl}/i`, {
      method: "POST",
      headers: { authorization: "Bearer dev_write_123", "content-type": "application/json" },
      body: JSON.stringify(batch),
    });
    expect(answer.status).toBe(202);
    await answer.body?.cancel();
  }

  const TEXT_ID = 5;

  /** Its size and its full snapshot, as rrweb writes them. */
  function pageSaying(text: string, timestamp: number): unknown[] {
    const element = (id: number, tagName: string, childNodes: unknown[]) => ({
      type: 2,
      id,
      tagName,
      attributes: {},
      childNodes,
    });
    const body = element(4, "body", [{ type: 3, id: TEXT_ID, textContent: text }]);
    const node = { type: 0, id: 1, childNodes: [element(2, "html", [element(3, "head", []), body])] };
    return [
      { type: 4, timestamp, data: { href: "https://shop.example/", width: 800, height: 600 } },
      { type: 2, timestamp: timestamp + 1, data: { node, initialOffset: { top: 0, left: 0 } } },
      textBecomes(text, timestamp + 1_000),
    ];
  }

  function textBecomes(value: string, timestamp: number): unknown {
    const data = { source: 0, texts: [{ id: TEXT_ID, value }], attributes: [], removes: [], adds: [] };
    return { type: 3, timestamp, data };
  }
});

describe("a recording that carries scripts and addresses", () => {
  it("is shown, goes on past what cannot be applied, and nothing of it runs or calls out", async () => {
    const canary = await startCanary();
    const recording = parseRecording(Buffer.from(`[${canary.events(Date.now() - 60_000).join(",")}]`));
    const sessionId = await record(recording);
    const page = await signedIn();
    page.on("dialog", (dialog) => {
      canary.calls.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${replayUrl(sessionId)}?t=1`);
    await untilReplayShows(page, CANARY_TEXT);
    await untilReplayShows(page, CANARY_GOES_ON);
    await page.getByRole("tab", { name: "Page" }).click();
    await page.getByText("<body").waitFor();

    const frame = page.locator(".replayer-wrapper iframe");
    expect(await frame.getAttribute("sandbox")).toBe("allow-same-origin");
    await frame.contentFrame().getByText(CANARY_LINK).dispatchEvent("click");
    await frame.contentFrame().locator("body").dispatchEvent("click");
    // What was to act has acted by the time the page has come to rest.
    await page.waitForLoadState("networkidle");
    expect(canary.calls).toEqual([]);
    expect(new URL(page.url()).pathname).toContain(sessionId);
    await page.context().close();
    canary.close();
  });
});

describe("a site whose assets are kept", () => {
  const SIZE = { width: 800, height: 500 };

  it("is replayed as it looked, after its next deploy and with the way to it cut", async () => {
    const site = await startAssetSite(stack.addresses.edgeUrl);
    await allowHosts([site.cdn]);
    const visit = async () => {
      const page = await (await browser.newContext({ viewport: SIZE })).newPage();
      await page.goto(site.url, { waitUntil: "networkidle" });
      return { page, picture: await page.screenshot() };
    };
    const before = await visit();
    const sessionId = await recordedSession(before.page);
    await vi.waitFor(async () => expect(await assetsOf(sessionId)).toEqual(site.assets), { timeout: 90_000 });
    await before.page.context().close();

    site.deployAnew();
    const after = await visit();
    await after.page.context().close();
    site.close();

    const page = await signedIn({ viewport: { width: 1_600, height: 1_100 } });
    const elsewhere: string[] = [];
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && origin !== stack.addresses.uiUrl) elsewhere.push(request.url());
    });
    await page.goto(replayUrl(sessionId));
    await untilReplayShows(page, "Kept as it was");
    await asItIs(page);
    // Its fonts and images come after its text.
    await vi.waitFor(async () => {
      const shown = await page.screenshot({ clip: { x: 0, y: 0, ...SIZE } });
      expect(await differingPart(page, before.picture, shown)).toBeLessThan(0.005);
    }, PATIENT);
    expect(await differingPart(page, before.picture, after.picture)).toBeGreaterThan(0.1);
    expect(elsewhere).toEqual([]);

    const missing = page.locator(".replayer-wrapper iframe").contentFrame().locator("#elsewhere");
    expect(await missing.evaluate((image: HTMLElement) => [image.offsetWidth, image.offsetHeight])).toEqual([120, 40]);
    await page.getByRole("tab", { name: "Info" }).click();
    await page.getByText("1 asset missing").click();
    await page.getByText("host not allowed").waitFor();
    await page.context().close();
  });

  async function allowHosts(hosts: string[]): Promise<void> {
    const { apiUrl } = stack.addresses;
    const json = { "content-type": "application/json" };
    const account = { email: "demo@rrhog.localhost", password: "demo_password_123" };
    const answer = await fetch(`${apiUrl}/v1/auth/sign-in`, {
      method: "POST",
      headers: json,
      body: JSON.stringify(account),
    });
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const changed = await fetch(`${apiUrl}/v1/projects/1/settings`, {
      method: "PATCH",
      headers: { ...json, cookie },
      body: JSON.stringify({ assets: { hosts } }),
    });
    expect(changed.status).toBe(200);
  }

  /** Once the page's snapshot is stored. */
  function recordedSession(page: Page): Promise<string> {
    return page
      .waitForFunction(() => {
        const { rrhog } = window as { rrhog?: { status(): { session_id: string; acknowledged: number } } };
        const status = rrhog?.status();
        return status && status.acknowledged > 0 && status.session_id;
      })
      .then(async (handle) => String(await handle.jsonValue()));
  }

  /** By path: whether it is kept, or why not. */
  async function assetsOf(sessionId: string): Promise<Record<string, string>> {
    const url = `${stack.addresses.apiUrl}/v1/projects/1/sessions/${sessionId}/assets`;
    const answer = await fetch(url, { headers: { authorization: "Bearer dev_read_123" } });
    const { assets = [] } = (await answer.json()) as { assets?: { url: string; status: string; why: string | null }[] };
    return Object.fromEntries(assets.map(({ url, status, why }) => [new URL(url).pathname, why ?? status]));
  }

  /** Shows the stage as it is, at its own size and with nothing laid over it. */
  async function asItIs(page: Page): Promise<void> {
    await page.addStyleTag({
      content: `.replayer-wrapper { transform: none !important; position: fixed !important; inset: 0 auto auto 0 !important; z-index: 999999; }
        .replayer-mouse, .replayer-mouse-tail { display: none !important; }
        :has(.replayer-wrapper) { transform: none !important; overflow: visible !important; contain: none !important; }`,
    });
  }
});

describe("the list of sessions", () => {
  const shownIds = (page: Page) =>
    page.locator("[data-session]").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-session")));

  it("is filtered by a few letters, and the filters are saved as a segment that leads back to them", async () => {
    const page = await signedIn();
    await page.locator("[data-session]").first().waitFor();
    const all = (await shownIds(page)).length;
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await page.getByRole("textbox", { name: "Kind of filter" }).fill("rage");
    await page.getByRole("option", { name: "Rage clicks" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("option", { name: "with rage clicks" }).click();
    const chip = page.getByRole("link", { name: "Remove the filter: with rage clicks" });
    await chip.waitFor();
    expect(new URL(page.url()).search).toBe("?rage=true");
    await vi.waitUntil(async () => (await shownIds(page)).length < all, PATIENT);
    const some = await shownIds(page);

    await page.getByRole("button", { name: "Saved" }).click();
    await page.getByRole("textbox", { name: "Name of the segment" }).fill("Annoyed");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const segment = page.getByRole("link", { name: "Annoyed" });
    await segment.waitFor();
    await page.keyboard.press("Escape");
    await chip.click();
    await vi.waitUntil(async () => (await shownIds(page)).length === all, PATIENT);
    await page.getByRole("button", { name: "Saved" }).click();
    await segment.click();
    await chip.waitFor();
    await vi.waitUntil(async () => (await shownIds(page)).length === some.length, PATIENT);
    expect(await shownIds(page)).toEqual(some);
    await page.context().close();
  });

  it("has the columns that somebody chose, is walked through by keys, and says beside a row what happened", async () => {
    const page = await signedIn();
    const hasFocus = (nth: number) =>
      page.evaluate((at) => document.querySelectorAll("[data-session]")[at] === document.activeElement, nth);
    // Until the page hears keys.
    await vi.waitUntil(async () => {
      await page.keyboard.press("k");
      return hasFocus(0);
    }, PATIENT);
    await page.keyboard.press("j");
    await vi.waitUntil(() => hasFocus(1), PATIENT);
    await page.keyboard.press(" ");
    const preview = page.getByRole("status").filter({ hasText: "active of" });
    await preview.getByRole("listitem").first().waitFor();
    await page.keyboard.press("Escape");
    await preview.waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("checkbox", { name: "Pages" }).uncheck();
    await page.getByRole("checkbox", { name: "Clicks" }).check();
    const answer = await page.reload();
    expect(await answer?.text()).toContain(">Clicks</span>");
    expect(await answer?.text()).not.toContain(">Pages</span>");
    await page.context().close();
  });

  it("puts selected sessions into a collection, and deletes them once their number is typed", async () => {
    const one = await record(await readRecording(join(RECORDINGS, "staff-table.json.gz")));
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/sessions?internal=include`, { waitUntil: "networkidle" });
    const row = page.locator(`[data-session="${one}"]`);
    await row.focus();
    await page.keyboard.press("x");
    await page.getByRole("button", { name: "Add to a collection" }).click();
    await page.getByRole("textbox", { name: "Name of a new collection" }).fill("To look at");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Added" }).waitFor();

    await page.goto(`${stack.addresses.uiUrl}/projects/1/collections`, { waitUntil: "networkidle" });
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("link", { name: "To look at" }).click();
    await page.getByRole("link", { name: "Remove the filter: in To look at" }).waitFor();
    await row.waitFor();
    expect(await shownIds(page)).toEqual([one]);
    await row.focus();
    await page.keyboard.press("x");
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    const confirm = page.getByRole("button", { name: "Delete 1 session" });
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByRole("textbox", { name: "Type 1 to confirm" }).fill("1");
    await confirm.click();
    await page.getByRole("heading", { name: "1 session deleted" }).waitFor();
    await page.getByRole("button", { name: "Back to the list" }).click();
    await row.waitFor({ state: "detached" });
    await page.context().close();
  });
});

describe("the people", () => {
  it("are found by a part of their address; one has sessions, events, an export and a deletion with its preview", async () => {
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/people`, { waitUntil: "networkidle" });
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("searchbox", { name: "Search people by id or e-mail" }).fill("grace");
    await page.keyboard.press("Enter");
    await page.waitForURL(/search=grace/);
    await page.getByRole("link", { name: /grace@example\.com/ }).click();
    await page.getByRole("heading", { name: "grace@example.com" }).waitFor();
    await page.waitForLoadState("networkidle");
    expect(await page.locator("[data-session]").count()).toBeGreaterThan(0);
    expect(await seriousFindings(page)).toEqual([]);

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export" }).click(),
    ]);
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ type: "end" });

    await page.getByRole("button", { name: "Delete data" }).click();
    await page.getByText("There is no undo").waitFor();
    await page.getByRole("textbox", { name: "Type grace@example.com to confirm" }).fill("grace@example.com");
    await page.getByRole("button", { name: "Delete the data" }).click();
    await page.getByRole("heading", { name: "Deleted" }).waitFor();
    await page.getByRole("link", { name: "To the people", exact: true }).click();
    await page.getByRole("link", { name: /ada@example\.com/ }).waitFor();
    expect(await page.getByRole("link", { name: /grace@example\.com/ }).count()).toBe(0);
    await page.context().close();
  });
});

describe.each(["light", "dark"] as const)("in the %s theme", (colorScheme) => {
  it("axe finds nothing serious on the main pages", async () => {
    const page = await signedIn({ colorScheme });
    // The oldest: one in progress is listened to, and its page never comes to rest.
    const sessionId = await page.locator("[data-session]").last().getAttribute("data-session");
    const findings: string[] = [];
    for (const path of [
      "/projects/1/sessions",
      `/projects/1/sessions/${sessionId}`,
      "/projects/1/live",
      "/projects/1/dashboards",
      "/projects/1/install",
      ...["keys", "project", "members", "recording", "privacy", "data"].map((tab) => `/projects/1/settings/${tab}`),
    ]) {
      await page.goto(`${stack.addresses.uiUrl}${path}`, { waitUntil: "networkidle" });
      findings.push(...(await seriousFindings(page)).map((finding) => `${path}: ${finding}`));
    }
    await page.context().clearCookies();
    await page.goto(`${stack.addresses.uiUrl}/sign-in`, { waitUntil: "networkidle" });
    findings.push(...(await seriousFindings(page)).map((finding) => `/sign-in: ${finding}`));
    expect(findings).toEqual([]);
    await page.context().close();
  });
});

describe("who is signed in", () => {
  it("has the sign-in renewed while they look, where it would end", async () => {
    const page = await signedIn();
    const context = page.context();
    const cookie = async () => (await context.cookies()).find(({ name }) => name === SESSION_COOKIE)?.value ?? "";
    const endsIn = async () => claimsOf(await cookie()).exp - Date.now() / 1_000;
    const { authSecret } = JSON.parse(await readFile(join(stack.dataDir, "secrets.json"), "utf8"));
    const { exp: _, iat: __, ...claims } = claimsOf(await cookie());
    const value = await signJWT(claims, authSecret, 3_600);
    await context.addCookies([{ name: SESSION_COOKIE, value, url: stack.addresses.uiUrl, httpOnly: true }]);
    expect(await endsIn()).toBeLessThan(3_601);
    await page.reload();
    await vi.waitUntil(async () => (await endsIn()) > SIGN_IN_LASTS_S / 2, { timeout: 90_000, interval: 100 });
    await context.close();
  });

  function claimsOf(token: string): Record<string, unknown> & { exp: number } {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  }

  it("invites somebody by a link that works once, gives them another role, and takes them out", async () => {
    const email = "newcomer@example.com";
    const page = await signedIn();
    await page.goto(`${stack.addresses.uiUrl}/projects/1/settings/members`, { waitUntil: "networkidle" });
    await page.getByRole("button", { name: "Invite somebody" }).click();
    await page.getByRole("textbox", { name: "E-mail" }).fill(email);
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await page.locator("[data-told-once]").inputValue();
    await page.keyboard.press("Escape");

    const guest = await (await browser.newContext()).newPage();
    await guest.goto(link);
    await guest.getByRole("textbox", { name: "Name" }).fill("Newcomer");
    await guest.getByRole("textbox", { name: "Password" }).fill("a password of the tests");
    await guest.getByRole("button", { name: "Join" }).click();
    await guest.waitForURL(/\/projects\/1\/sessions/);
    expect((await guest.goto(link))?.status()).toBe(404);

    await page.reload({ waitUntil: "networkidle" });
    const role = page.getByRole("combobox", { name: `Role of ${email}` });
    expect(await role.inputValue()).toBe("member");
    await role.selectOption("viewer");
    await page.getByRole("status").getByText(`${email} is viewer now`).waitFor();
    await page.getByRole("button", { name: `Remove ${email}` }).click();
    await page.getByRole("button", { name: "Remove them" }).click();
    await role.waitFor({ state: "detached" });
    expect((await guest.goto(`${stack.addresses.uiUrl}/projects/1/sessions`))?.status()).toBe(404);
    await guest.context().close();
    await page.context().close();
  });
});

// Last: from here on nobody of before can sign in.
describe("an instance that has nobody", () => {
  it("is owned by who has the token; with a key and the snippet their first page is recorded and watched", async () => {
    const sql = openPostgres(stack.addresses.postgresUrl, "rrhog-test");
    await sql`DELETE FROM users`;
    await sql.end();
    const page = await (await browser.newContext()).newPage();
    await page.goto(stack.addresses.uiUrl);
    await page.getByRole("textbox", { name: "Setup token" }).fill(SETUP_TOKEN);
    await page.getByRole("textbox", { name: "Project" }).fill("My site");
    await page.getByRole("textbox", { name: "Your name" }).fill("The owner");
    await page.getByRole("textbox", { name: "E-mail" }).fill("owner@example.com");
    await page.getByRole("textbox", { name: "Password" }).fill("a password of the tests");
    await page.getByRole("button", { name: "Begin" }).click();
    await page.waitForURL(/\/projects\/\d+\/install/);
    await page.getByText("There is no write key yet").waitFor();
    await page.getByRole("button", { name: "Make a write key for it" }).click();
    const snippet = page.getByRole("tabpanel").getByText(/data-key="rrhog_w_/);
    await snippet.waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    const site = await serveSnippet((await snippet.textContent()) ?? "", "<h1>Hello of my site</h1>");
    const visitor = await (await browser.newContext()).newPage();
    await visitor.goto(site.url);
    await page.getByText(`Seen on ${site.url}`).waitFor({ timeout: 90_000 });
    await page.getByRole("link", { name: "Watch the newest session" }).click({ timeout: 90_000 });
    await untilReplayShows(page, "Hello of my site");
    await visitor.context().close();
    await page.context().close();
    site.close();
  });
});

interface AxeResults {
  violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[];
}

/** The recorded page is not ours: the stage is left out. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE, "utf8"));
  const { violations } = (await page.evaluate(
    "axe.run({ exclude: ['.replayer-wrapper'] }, { resultTypes: ['violations'], iframes: false })",
  )) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")} ${failureSummary}`),
    );
}
