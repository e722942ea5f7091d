import { expect, it } from "vitest";
import { get } from "../test/edge.ts";

it("GET /rrhog.js is the recorder, for any page, cached for five minutes", async () => {
  const response = await get("/rrhog.js", { headers: { Origin: "https://shop.example" } });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("rrhog");
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "access-control-allow-origin": "*",
    "cache-control": "public, max-age=300",
    "content-type": "text/javascript; charset=utf-8",
  });
});

it("GET /rrhog.js answers 304 to who has it already", async () => {
  const etag = (await get("/rrhog.js")).headers.get("ETag") ?? "";
  const again = await get("/rrhog.js", { headers: { "If-None-Match": `"old", ${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

it("GET /rrhog.js is compressed for who takes it", async () => {
  const plain = await get("/rrhog.js", { headers: { "Accept-Encoding": "identity" } });
  expect([plain.headers.get("Content-Encoding"), plain.headers.get("Vary")]).toEqual([null, "Accept-Encoding"]);
  const gzipped = await get("/rrhog.js", { headers: { "Accept-Encoding": "gzip, br" } });
  expect(gzipped.headers.get("Content-Encoding")).toBe("gzip");
  expect(await gzipped.text()).toBe(await plain.text());
});

it("HEAD /rrhog.js has no body", async () => {
  const response = await get("/rrhog.js", { method: "HEAD" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
});
