import { expect, test } from "vitest";
import { isAllowedHost } from "./asset-settings.ts";

test.each([
  ["https://cdn.example.com/a", ["cdn.example.com"], true],
  ["http://CDN.example.com/a", ["cdn.example.com"], true],
  ["https://evil.example/cdn.example.com", ["cdn.example.com"], false],
  ["https://cdn.example.com.evil.example/", ["cdn.example.com", "*.example.com"], false],
  ["https://evilexample.com/", ["*.example.com"], false],
  ["https://a.b.example.com/", ["*.example.com"], true],
  ["https://example.com/", ["*.example.com"], false],
  ["https://cdn.example.com:8443/", ["cdn.example.com", "*.example.com"], false],
  ["http://127.0.0.1:8790/", ["127.0.0.1:8790"], true],
  ["http://127.0.0.1:8788/", ["127.0.0.1:8790"], false],
  ["https://cdn.example.com/", [], false],
])("%s by %j: %s", (url, hosts, allowed) => {
  expect(isAllowedHost(new URL(url), hosts)).toBe(allowed);
});
