import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** In workerd, on the Worker's own configuration. One file at a time: they share the nats-server that some of them kill. */
export default defineConfig({
  plugins: [
    cloudflareTest(({ inject }) => ({
      wrangler: { configPath: "../wrangler.toml" },
      miniflare: {
        bindings: inject<Record<string, string>>("edgeBindings"),
        // Low, so that a test can pass it. Only requests that name an address count.
        ratelimits: { ADDRESS_LIMIT: { namespace_id: "1001", simple: { limit: 20, period: 60 } } },
      },
    })),
  ],
  test: {
    name: "edge",
    globalSetup: ["./test/services.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
