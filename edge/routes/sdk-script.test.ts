import { env } from "cloudflare:workers";
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { Problem } from "#protocol/problem.ts";
import { coldWorker } from "../test/cold-worker.ts";
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

it("GET /rrhog.js is 404 where the Worker was deployed without the recorder, which takes batches all the same", async () => {
  const bare = await coldWorker({ ASSETS: undefined });
  expect([(await bare("/rrhog.js")).status, (await bare("/healthz")).status]).toEqual([404, 200]);
});

it("HEAD /rrhog.js has no body", async () => {
  const response = await get("/rrhog.js", { method: "HEAD" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
});

describe("addresses that never change what they answer", () => {
  let recorder: string;
  let edge: Awaited<ReturnType<typeof coldWorker>>;
  /** What the recorder says of its lazy part: `{ src, integrity }` of the tag that it makes. */
  let path: string;
  let integrity: string;
  let hash: string;

  beforeAll(async () => {
    recorder = await (await get("/rrhog.js")).text();
    edge = await coldWorker({ SCRIPT_PATH: "/lib/app.js" });
    path = /\/[\w-]{16}\/observe\.js/.exec(recorder)?.[0] ?? "";
    integrity = /sha256-[\w+/]{43}=/.exec(recorder)?.[0] ?? "";
    hash = digest(recorder).slice(0, 16).replace(/\W/g, "-");
  });

  const digest = (text: string) => createHash("sha256").update(text).digest("base64");

  it("are those of the recorder, and of the lazy part, which is what the recorder knows it by", async () => {
    expect(await (await get(`/rrhog/${hash}/rrhog.js`)).text()).toBe(recorder);
    const lazy = await get(`/rrhog${path}`);
    expect(`sha256-${digest(await lazy.text())}`).toBe(integrity);
  });

  it("may be kept for good, and checked by pages of any origin", async () => {
    for (const address of [`/rrhog/${hash}/rrhog.js`, `/rrhog${path}`]) {
      const response = await get(address, { headers: { Origin: "https://shop.example", "Accept-Encoding": "gzip" } });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "access-control-allow-origin": "*",
        "cache-control": "public, max-age=31536000, immutable",
        "content-encoding": "gzip",
        "content-type": "text/javascript; charset=utf-8",
        "cross-origin-resource-policy": "cross-origin",
      });
    }
  });

  it("answer beside a renamed script too, and beside the unchanging one", async () => {
    const addresses = [`/lib/app/${hash}/app.js`, `/lib/app${path}`, `/lib/app/${hash}/app${path}`];
    for (const address of [...addresses, `/rrhog/${hash}/rrhog${path}`]) {
      expect([address, (await edge(address)).status]).toEqual([address, 200]);
    }
  });

  it("are the platform's own to answer, in the same words, before it asks the Worker", async () => {
    for (const address of ["/rrhog.js", `/rrhog/${hash}/rrhog.js`, `/rrhog${path}`, `/rrhog/${hash}/rrhog${path}`]) {
      const assets = await env.ASSETS.fetch(`https://edge.example${address}`);
      const worker = await get(address, { headers: { "Accept-Encoding": "identity" } });
      expect([address, assets.status, await assets.text()]).toEqual([address, 200, await worker.text()]);
      for (const name of [
        "Access-Control-Allow-Origin",
        "Cache-Control",
        "Content-Type",
        "Cross-Origin-Resource-Policy",
      ]) {
        expect([name, assets.headers.get(name)]).toEqual([name, worker.headers.get(name)]);
      }
    }
  });

  it.each(["/rrhog/AAAAAAAAAAAAAAAA/rrhog.js", "/rrhog/AAAAAAAAAAAAAAAA/observe.js", "/rrhog/observe.js"])(
    "are 404 where the bytes are not ours: %s",
    async (address) => {
      const response = await get(address);
      expect([response.status, Problem.parse(await response.json()).code]).toEqual([404, "not_found"]);
    },
  );

  it("say which methods they take", async () => {
    const response = await get(`/rrhog${path}`, { method: "POST" });
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
  });
});
