import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumLaunchOptions } from "../test/support/chromium.ts";

/** The recorder's modules, each by itself, in Chromium; whole pages are in vitest.pages.config.ts. */
export default defineConfig(async () => ({
  root: import.meta.dirname,
  cacheDir: "../node_modules/.vite/sdk",
  // Of the edge's reader, which a test holds the recorder against. Found only then, it would reload the other tests' pages.
  optimizeDeps: { include: ["zod"] },
  test: {
    name: "sdk",
    include: ["src/**/*.test.ts"],
    testTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: await chromiumLaunchOptions() }),
      instances: [{ browser: "chromium" as const }],
    },
  },
}));
