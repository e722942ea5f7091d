import type { Config } from "@react-router/dev/config";
import { precompressAssets } from "./precompress.ts";

export default {
  appDirectory: "app",
  buildDirectory: "build",
  ssr: true,
  // The console has few routes: knowing them all at once saves a request per first visit of each.
  routeDiscovery: { mode: "initial" },
  buildEnd: ({ reactRouterConfig }) => precompressAssets(reactRouterConfig.buildDirectory),
} satisfies Config;
