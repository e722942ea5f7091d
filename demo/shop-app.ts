/** The shop's routes: pages, its own small API, and three static files. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { Hono } from "hono";
import { z } from "zod";
import { findProduct } from "./catalog.ts";
import { cartPage, checkoutPage, listPage, notFoundPage, productPage, type Snippet, thankYouPage } from "./pages.ts";

/** The one card that is declined. */
const DECLINED_CARD = "4000000000000002";
/** Long enough for a visitor to wonder. */
const STOCK_CHECK_MS = 3_000;

const STATIC_TYPES: Record<string, string> = {
  "shop.css": "text/css; charset=utf-8",
  "shop.js": "text/javascript; charset=utf-8",
  "checkout.js": "text/javascript; charset=utf-8",
  "recording-bar.js": "text/javascript; charset=utf-8",
};

const Payment = z.object({ card: z.string(), totalCents: z.int().min(0) });
const Account = z.object({ email: z.email() });

export function shopApp(snippet: Snippet): Hono {
  const app = new Hono();

  app.get("/healthz", (c) => c.json({ status: "ok" }));

  app.get("/", (c) => c.html(listPage(snippet)));
  app.get("/products/:slug", (c) => {
    const product = findProduct(c.req.param("slug"));
    return product ? c.html(productPage(snippet, product)) : c.html(notFoundPage(snippet), 404);
  });
  app.get("/cart", (c) => c.html(cartPage(snippet)));
  app.get("/checkout", (c) => c.html(checkoutPage(snippet)));
  app.get("/checkout/payment", (c) => c.html(checkoutPage(snippet)));
  app.get("/thank-you", (c) => c.html(thankYouPage(snippet, c.req.query("order")?.slice(0, 16) ?? "T-0000")));

  app.get("/api/stock/:slug", async (c) => {
    const product = findProduct(c.req.param("slug"));
    if (!product) return c.json({ error: "No such thing" }, 404);
    await wait(STOCK_CHECK_MS);
    return c.json({ inStock: 3 + product.name.length });
  });

  app.post("/api/accounts", async (c) => {
    const account = Account.safeParse(await c.req.json().catch(() => null));
    if (!account.success) return c.json({ error: "An e-mail address is needed" }, 400);
    const hash = createHash("sha256").update(account.data.email).digest("hex");
    return c.json({ id: `cust_${hash.slice(0, 8)}` }, 201);
  });

  app.post("/api/payments", async (c) => {
    const payment = Payment.safeParse(await c.req.json().catch(() => null));
    if (!payment.success) return c.json({ error: "A card and a sum are needed" }, 400);
    if (payment.data.card.replace(/\D/g, "") === DECLINED_CARD) return c.json({ error: "Card declined" }, 402);
    return c.json({ order: `T-${1_000 + (payment.data.totalCents % 9_000)}` }, 201);
  });

  app.get("/:file{shop.css|shop.js|checkout.js|recording-bar.js}", async (c) => {
    const file = c.req.param("file");
    const text = await readFile(new URL(`shop/${file}`, import.meta.url), "utf8");
    return c.body(text, 200, { "Content-Type": STATIC_TYPES[file] ?? "text/plain", "Cache-Control": "no-cache" });
  });

  app.notFound((c) => c.html(notFoundPage(snippet), 404));
  return app;
}
