import { defineConfig } from "vitest/config";

/**
 * Tests sit beside the code they specify; each project is one place they run in. Node projects share one set of real
 * engines (test/support/engines.ts); edge/ runs inside workerd, sdk/ inside Chromium, test/ drives the whole system.
 */
export default defineConfig({
  test: {
    // Most tests wait for an engine longer than they compute.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "node",
          include: ["{protocol,core,stack,cli,demo,ui}/**/*.test.ts"],
          globalSetup: ["./test/support/engines.ts"],
          // No module of ours keeps anything between tests, and a process for each of 156 files is a third of their cost.
          isolate: false,
          testTimeout: 180_000,
          hookTimeout: 240_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
      "./edge/vitest.config.ts",
      "./sdk/vitest.config.ts",
      "./sdk/vitest.pages.config.ts",
      {
        test: {
          name: "system",
          include: ["test/**/*.test.ts"],
          testTimeout: 480_000,
          hookTimeout: 480_000,
          expect: { poll: { timeout: 60_000 } },
          // Two whole stacks at a time: their tests wait for what was killed or frozen more than they compute.
          maxWorkers: 2,
          // After the others: a stack beside them would leave neither a processor.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
