/**
 * A page that is rendered in advance, by the browser alone: with a debugger attached, as playwright's, Chromium prerenders
 * nothing. So the pages drive themselves.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { chromiumLaunchOptions } from "../../test/support/chromium.ts";
import { builtScripts, html } from "./browser.ts";
import { type Site, startSite } from "./site.ts";

const until = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });
const rules = '{ "prerender": [{ "source": "list", "urls": ["/next"], "eagerness": "immediate" }] }';
const pages = {
  "/": html(`<h1>First</h1><script type="speculationrules">${rules}</script>`),
  "/next": `<!doctype html><script src="/rrhog.js" data-key="dev_write_123"></script><h1>Next</h1><script>
    rrhog.identify("ada");
    rrhog.track("beyond JSON", { sum: 1n });
    rrhog.track("early", { prerendering: document.prerendering, status: rrhog.status() });
    localStorage.setItem("rendered", "next");
  </script>`,
};
/** Goes on once the next page is there and this one is recorded. */
const go = `<script>
  const isRecorded = () => window.rrhog?.status?.().state === "recording";
  setInterval(() => isRecorded() && localStorage.getItem("rendered") && location.assign("/next"), 50);
</script>`;

let site: Site;
let profile: string;
let browser: ChildProcess | undefined;
beforeEach(async () => {
  site = await startSite({ ...pages, "/": pages["/"] + go }, builtScripts());
  profile = await mkdtemp(join(tmpdir(), "rrhog-prerender-"));
});
afterEach(async () => {
  if (browser?.exitCode === null) {
    const exited = once(browser, "exit");
    browser.kill("SIGKILL");
    await exited;
  }
  await site.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

it("records a page that is rendered in advance from when it is shown, with what it called before", async () => {
  const { executablePath, args, env } = await chromiumLaunchOptions();
  browser = spawn(
    executablePath,
    ["--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`, ...args, `${site.url}/`],
    { env: env as NodeJS.ProcessEnv, stdio: "ignore" },
  );
  const next = () => site.accepted().filter(({ url }) => url.endsWith("/next"));
  await until(() => expect(next()).not.toHaveLength(0));
  const events = next().flatMap(({ events }) => events);
  const early = events.find(({ data }) => data.tag === "rrhog.track");
  expect(early?.data.payload).toMatchObject({
    name: "early",
    properties: { prerendering: true, status: { state: "waiting", session_id: null } },
  });
  expect(next()[0]?.user).toEqual({ id: "ada" });
  await until(() => expect(site.accepted().some(({ url, end }) => url.endsWith("/") && end)).toBe(true));
  expect(new Set(site.accepted().map(({ session_id }) => session_id)).size).toBe(1);
  const names = site.accepted().map(({ window_id, seq }) => `${window_id}/${seq}`);
  expect(new Set(names).size).toBe(names.length);
});
