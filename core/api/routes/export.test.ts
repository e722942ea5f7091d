import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { claimDueUrl, noteSessionAssets, noteUrls, storeAsset } from "#core/store/postgres/assets.ts";
import { EventType, IncrementalSource } from "#protocol/event.ts";
import { launchChromium } from "../../../test/support/chromium.ts";
import { startTestApi, type TestApi } from "../testing/api.ts";
import { load } from "../testing/recording.ts";

const T0 = Date.now() - 3_600_000;
const PICTURE = "https://cdn.example/logo.gif";
const GIF = Buffer.from("R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs=", "base64");

/** Whom a recording would call, if it could: within reach, and called by nobody. */
let STRANGER: string;
let connections = 0;
const stranger = createServer((_, response) => response.end()).on("connection", () => connections++);

let api: TestApi;
let browser: Browser;
let folder: string;
beforeAll(async () => {
  [api, browser, folder] = await Promise.all([
    startTestApi(),
    launchChromium(),
    mkdtemp(join(tmpdir(), "rrhog-export-")),
  ]);
  await new Promise<void>((listening) => stranger.listen(0, "127.0.0.1", listening));
  STRANGER = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
}, 120_000);
afterAll(async () => {
  stranger.close();
  await Promise.all([api.drop(), browser.close(), rm(folder, { recursive: true })]);
});

const element = (id: number, tagName: string, attributes: object, childNodes: object[] = []) => ({
  type: 2,
  ...{ id, tagName, attributes, childNodes },
});
const json = (type: number, at: number, data: object) => JSON.stringify({ type, timestamp: T0 + at, data });

/** A page with a kept picture, and with all that would call out or run, if it were let. */
function shop(words: string): string[] {
  const head = element(3, "head", {}, [
    element(4, "link", { rel: "preconnect", href: `${STRANGER}` }),
    element(5, "link", { rel: "stylesheet", href: `${STRANGER}/a.css` }),
    element(6, "meta", { "http-equiv": "refresh", content: `0;url=${STRANGER}` }),
    element(7, "base", { href: `${STRANGER}/` }),
    element(8, "style", {}, [{ type: 3, id: 9, isStyle: true, textContent: `@import url(${STRANGER}/b.css);` }]),
  ]);
  const body = element(10, "body", { onload: "top.ran = true" }, [
    element(11, "p", {}, [{ type: 3, id: 12, textContent: words }]),
    element(13, "img", { id: "kept", src: PICTURE }),
    element(14, "img", { src: `${STRANGER}/i.gif`, onerror: "top.ran = true" }),
    element(15, "iframe", { src: `${STRANGER}/frame` }),
    element(16, "script", { src: `${STRANGER}/s.js` }, [{ type: 3, id: 17, textContent: "top.ran = true" }]),
  ]);
  const node = { type: 0, id: 1, childNodes: [element(2, "html", {}, [head, body])] };
  return [
    json(EventType.Meta, 0, { href: "https://shop.example/", width: 800, height: 600 }),
    json(EventType.FullSnapshot, 1, { node, initialOffset: { top: 0, left: 0 } }),
    ...[500, 1_000].map((at) =>
      json(EventType.IncrementalSnapshot, at, {
        source: IncrementalSource.Mutation,
        texts: [{ id: 12, value: `${words} at ${at}` }],
        attributes: [],
        removes: [],
        adds: [],
      }),
    ),
  ];
}

async function keepPicture(sessionId: string) {
  const ids = await noteUrls(api.sql, 1, [{ url: PICTURE, allowed: true }]);
  await noteSessionAssets(api.sql, { project_id: 1, session_id: sessionId }, [...ids.values()]);
  const due = await claimDueUrl(api.sql, { hosts: [], projects: [] });
  if (!due) throw new Error("the picture is not due");
  const kept = { bytes: GIF, contentType: "image/gif", baseUrl: PICTURE, etag: null, lastModified: null };
  await storeAsset(api.sql, due, { ...kept, dependencies: [] });
}

const framed = (page: Page) => page.locator(".replayer-wrapper iframe").contentFrame();

describe("a session as a page", () => {
  test("plays from a file by itself: its windows, its kept pictures, and nothing runs or calls out", async () => {
    const sessionId = randomUUID();
    const of = (windowId: string, words: string) => ({
      ...{ projectId: 1, sessionId, windowId, seq: 0, payloads: shop(words), receivedAt: T0 },
      row: { user_id: "</script><script>top.ran = true</script>" },
    });
    await load(api, of("a", "First tab"), of("b", "Second tab"));
    await keepPicture(sessionId);
    const answer = await api.get(`/v1/projects/1/sessions/${sessionId}/export?format=html`, api.reader);
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="session-.*\.html"$/);
    const html = await answer.text();
    const [script] = /<script>([\s\S]*?)<\/script>/.exec(html)?.slice(1) ?? [""];
    expect(html).toContain(
      `script-src 'sha256-${createHash("sha256")
        .update(script ?? "")
        .digest("base64")}';`,
    );
    const file = join(folder, "session.html");
    await writeFile(file, html);

    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    const frame = page.locator(".replayer-wrapper iframe");
    await frame.waitFor({ timeout: 60_000 });
    expect(await frame.getAttribute("sandbox")).toBe("allow-same-origin");
    await framed(page).getByText("First tab at 1000").waitFor({ timeout: 60_000 });
    const width = () =>
      framed(page)
        .locator("#kept")
        .evaluate((image) => (image as HTMLImageElement).naturalWidth);
    await vi.waitFor(async () => expect(await width()).toBe(1), { timeout: 30_000 });

    await page.getByRole("combobox", { name: "Window" }).selectOption({ label: "Window 2" });
    await framed(page).getByText("Second tab").first().waitFor({ timeout: 60_000 });
    await page.waitForLoadState("networkidle");
    expect(connections).toBe(0);
    expect(await page.evaluate(() => "ran" in window)).toBe(false);
    await context.close();
  }, 180_000);
});
