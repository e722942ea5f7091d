import { describe, expect, it } from "vitest";
import { botOf, clientOf } from "./user-agent.ts";

const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

describe("the client behind a user agent", () => {
  it.each([
    [CHROME, "Chrome", "Linux", "desktop"],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0",
      "Firefox",
      "Windows",
      "desktop",
    ],
    [
      `${CHROME.replace("X11; Linux x86_64", "Windows NT 10.0; Win64; x64")} Edg/140.0.0.0`,
      "Microsoft Edge",
      "Windows",
      "desktop",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148 Safari/604.1",
      "Safari",
      "iOS",
      "mobile",
    ],
    [
      "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
      "Safari",
      "iOS",
      "tablet",
    ],
    [
      "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
      "Samsung Internet for Android",
      "Android",
      "mobile",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
      "Safari",
      "macOS",
      "desktop",
    ],
  ])("%s", (userAgent, browser, os, device) => {
    expect(clientOf(userAgent)).toEqual({ browser, os, device });
    expect(botOf(userAgent)).toBeNull();
  });

  it("is unknown where nothing is told", () => {
    expect([clientOf(""), botOf("")]).toEqual([{ browser: null, os: null, device: null }, null]);
  });
});

describe("a user agent that is no visitor's", () => {
  it.each([
    [
      "crawler",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/140.0.0.0 Safari/537.36",
    ],
    ["crawler", "Googlebot/2.1 (+http://www.google.com/bot.html)"],
    ["crawler", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"],
    ["crawler", `${CHROME.replace("X11; Linux x86_64", "Linux; Android 11; moto g power")} Chrome-Lighthouse`],
    ["crawler", `${CHROME.replace("Chrome/", "HeadlessChrome/")} (compatible; GPTBot/1.2; +https://openai.com/gptbot)`],
    ["headless", CHROME.replace("Chrome/", "HeadlessChrome/")],
    ["program", "node"],
    ["program", "curl/8.5.0"],
    ["program", "python-requests/2.32"],
    ["program", "Mozilla/5.0"],
  ])("is a %s: %s", (bot, userAgent) => expect(botOf(userAgent)).toBe(bot));
});
