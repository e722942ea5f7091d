import { describe, expect, it } from "vitest";
import { PRODUCTS } from "./catalog.ts";
import { shopApp } from "./shop-app.ts";

const app = shopApp({ EDGE_URL: "http://edge.test", UI_URL: "http://ui.test", WRITE_KEY: 'key"<' });
const post = (path: string, body: unknown) => app.request(path, { method: "POST", body: JSON.stringify(body) });

describe("the demo shop", () => {
  it("answers on each of its pages with the snippet in it", async () => {
    const pages = ["/", "/cart", "/checkout", "/checkout/payment", "/thank-you?order=T-1234"];
    for (const path of [...pages, ...PRODUCTS.map(({ slug }) => `/products/${slug}`)]) {
      const response = await app.request(path);
      expect(response.status, path).toBe(200);
      const html = await response.text();
      expect(html, path).toContain('src="http://edge.test/rrhog.js"');
      expect(html, path).toContain('data-console-url="http://ui.test/projects/1"');
    }
  });

  it("escapes what comes from outside", async () => {
    const html = await (await app.request("/thank-you?order=%3Cscript%3E")).text();
    expect(html).toContain("&lt;script&gt;");
    expect(html).toContain("key&quot;&lt;");
  });

  it("keeps its bar out of the recording", async () => {
    expect(await (await app.request("/")).text()).toMatch(/class="bar rr-block"/);
  });

  it("declines one card with 402 and takes every other", async () => {
    const declined = await post("/api/payments", { card: "4000 0000 0000 0002", totalCents: 100 });
    expect(declined.status).toBe(402);
    expect(await declined.json()).toEqual({ error: "Card declined" });
    const taken = await post("/api/payments", { card: "4242 4242 4242 4242", totalCents: 4_800 });
    expect(taken.status).toBe(201);
    expect(await taken.json()).toEqual({ order: "T-5800" });
    expect((await post("/api/payments", { card: 1 })).status).toBe(400);
  });

  it("knows a customer by the e-mail, always by the same id", async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await post("/api/accounts", { email: "ada@example.com" })).json()),
    );
    expect(ids[0]).toEqual({ id: expect.stringMatching(/^cust_[0-9a-f]{8}$/) });
    expect(ids[1]).toEqual(ids[0]);
  });

  it("answers for the stock, and says 404 for what it does not have", async () => {
    expect(await (await app.request("/api/stock/rain-shell")).json()).toEqual({ inStock: 13 });
    expect((await app.request("/api/stock/kraken")).status).toBe(404);
    expect((await app.request("/products/kraken")).status).toBe(404);
  });

  it("serves its files and nothing beside them", async () => {
    expect((await app.request("/shop.css")).headers.get("Content-Type")).toContain("text/css");
    expect((await app.request("/recording-bar.js")).headers.get("Content-Type")).toContain("text/javascript");
    expect((await app.request("/server.ts")).status).toBe(404);
    expect((await app.request("/healthz")).status).toBe(200);
  });
});
