import { beforeAll, describe, expect, it } from "vitest";
import { acceptedHeaders } from "./origin.ts";
import { get, giveKey } from "./test/edge.ts";

describe("a preflight", () => {
  const SHOP_KEY = "write_key_for_one_origin";
  beforeAll(async () => {
    await giveKey(SHOP_KEY, { allowed_origins: ["https://shop.example"] });
  });

  const preflight = (query: string, origin: string) =>
    get(`/i${query}`, {
      method: "OPTIONS",
      headers: { Origin: origin, "Access-Control-Request-Method": "POST" },
    });

  it.each(["", `?k=${SHOP_KEY}`])(
    "with query %j is granted to the shop for a day, without credentials",
    async (query) => {
      const { status, headers } = await preflight(query, "https://shop.example");
      expect(status).toBe(204);
      expect(headers.get("Access-Control-Allow-Origin")).toBe("https://shop.example");
      expect(headers.get("Access-Control-Allow-Methods")).toBe("POST");
      expect(headers.get("Access-Control-Allow-Headers")).toContain("X-Write-Key");
      expect(headers.get("Access-Control-Max-Age")).toBe("86400");
      expect(headers.get("Access-Control-Allow-Credentials")).toBeNull();
      expect(headers.get("Vary")).toBe("Origin");
    },
  );

  it("is not granted to a page that the key in its query does not allow", async () => {
    const { headers } = await preflight(`?k=${SHOP_KEY}`, "https://evil.example");
    expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
    expect(headers.get("Access-Control-Allow-Methods")).toBeNull();
  });
});

describe("the headers of a 202", () => {
  it("let the page that sent the batch read it, and no other, whoever came before", () => {
    for (const origin of ["https://shop.example", "https://blog.example", null, "https://shop.example"]) {
      const headers = Object.fromEntries(acceptedHeaders(origin));
      expect(headers).toEqual({
        "content-type": "application/json",
        vary: "Origin",
        ...(origin && { "access-control-allow-origin": origin, "access-control-expose-headers": "Retry-After" }),
      });
    }
  });

  it("are not kept for an origin that is longer than any host's name", () => {
    const origin = `https://${"a".repeat(400)}.example`;
    expect(acceptedHeaders(origin).get("Access-Control-Allow-Origin")).toBe(origin);
    expect(acceptedHeaders(origin)).not.toBe(acceptedHeaders(origin));
    expect(acceptedHeaders("https://shop.example")).toBe(acceptedHeaders("https://shop.example"));
  });

  it("are made for each answer where there are more origins than are kept", () => {
    for (let i = 0; i < 3_000; i++) {
      const origin = `https://${i}.example`;
      expect(acceptedHeaders(origin).get("Access-Control-Allow-Origin")).toBe(origin);
    }
    expect(acceptedHeaders("https://2999.example")).not.toBe(acceptedHeaders("https://2999.example"));
  });

  it("are the answer's own: to change those of one changes no other's", () => {
    const response = new Response(null, { headers: acceptedHeaders(null) });
    response.headers.set("Vary", "Cookie");
    expect(acceptedHeaders(null).get("Vary")).toBe("Origin");
  });
});
