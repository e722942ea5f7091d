import { describe, expect, it } from "vitest";
import { contentSecurityPolicy, isOwnOrigin, referrerPolicy } from "./security.ts";

describe("isOwnOrigin", () => {
  it.each([
    [{ "sec-fetch-site": "same-origin", origin: "null" }, true], // a form under a strict referrer policy
    [{ "sec-fetch-site": "same-origin" }, true],
    [{ "sec-fetch-site": "same-site", origin: "http://other.console.example" }, false],
    [{ "sec-fetch-site": "cross-site", origin: "https://evil.example" }, false],
    [{ "sec-fetch-site": "none" }, false],
    [{ origin: "https://console.example:8443" }, true], // older browsers; TLS ends before us
    [{ origin: "https://evil.example" }, false],
    [{ origin: "null" }, false],
    [{}, false],
  ])("takes %j for our own: %s", (headers, own) => {
    expect(isOwnOrigin(new Headers({ host: "console.example:8443", ...headers }))).toBe(own);
  });
});

describe("contentSecurityPolicy", () => {
  const policy = contentSecurityPolicy("n0nce", "console.example:3000");
  const sources = (directive: string) => policy.match(new RegExp(`(?:^|; )${directive} ([^;]*)`))?.[1];

  it("lets nothing run but what this server sent", () => {
    expect(sources("script-src")).toBe("'self' 'nonce-n0nce'");
    expect(sources("default-src")).toBe("'none'");
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
  });

  it("names no other host: a recorded address cannot carry anything out", () => {
    expect(policy.replaceAll("console.example:3000", "")).not.toMatch(/https?:|\*|\.\w/);
  });

  it("lets pictures, fonts and styles come from this server by the paths of kept assets and of its own files alone", () => {
    const kept = "console.example:3000/v1/projects/ console.example:3000/v1/shared/";
    expect(sources("img-src")).toBe(`data: blob: ${kept}`);
    expect(sources("font-src")).toBe(`console.example:3000/assets/ data: ${kept}`);
    expect(sources("style-src")).toBe("console.example:3000/assets/ 'unsafe-inline'");
    for (const host of [null, "[::1]:3000", "a; script-src *", "a b"]) {
      expect(contentSecurityPolicy("n0nce", host)).toMatch(/img-src data: blob:;/);
    }
  });
});

describe("referrerPolicy", () => {
  it("tells nobody of a share link", () => {
    expect(referrerPolicy("/shared/abc")).toBe("no-referrer");
    expect(referrerPolicy("/projects/1/sessions")).toBe("same-origin");
  });
});
