import { defineConfig } from "vitest/config";

/** The recorder as it ships, in whole pages: tabs, navigation, offline. Driven from Node over playwright. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../node_modules/.vite/sdk",
  test: {
    name: "sdk-pages",
    include: ["test/**/*.test.ts"],
    globalSetup: "./test/built-script.ts",
    // Pages wait for their recorder longer than they compute.
    maxWorkers: 3,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
