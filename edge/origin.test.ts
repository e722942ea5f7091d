import { beforeAll, describe, expect, it } from "vitest";
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
