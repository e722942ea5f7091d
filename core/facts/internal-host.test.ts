import { expect, it } from "vitest";
import { isInternal } from "./internal-host.ts";

it.each([
  "http://localhost:3000/cart",
  "http://shop.localhost/",
  "http://127.0.0.1:8790/",
  "http://127.8.9.10/",
  "http://[::1]:5173/",
  "http://0.0.0.0/",
  "http://macbook.local:8080/",
  "https://staging.shop.example/",
  "https://dev.shop.example/",
  "https://preview-412.shop.example/",
  "https://shop-staging.acme.example/",
  "https://wiki.acme-intra.example/",
])("is of the site in the making: %s", (url) => expect(isInternal(url, ["*.acme-intra.example"])).toBe(true));

it.each([
  "https://shop.example/localhost",
  "https://shop.example/?from=staging.shop.example",
  "https://dev.to/",
  "https://staging.example/",
  "https://127.0.0.1.example.com/",
  "https://developer.shop.example/",
  "https://localhost.example.com/",
  "https://my-dev-blog.example.com/",
  "https://acme-intra.example/",
  "about:blank",
  "not a url",
  "",
])("is of the site: %s", (url) => expect(isInternal(url, ["*.acme-intra.example"])).toBe(false));

it("goes by the hosts that a project names", () => {
  expect(isInternal("https://shop.example.:443/x", ["shop.example"])).toBe(true);
  expect(isInternal("https://other.shop.example/x", ["shop.example"])).toBe(false);
});
