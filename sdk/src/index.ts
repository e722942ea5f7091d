/** `import { rrhog } from "@rrhog/browser"`: the same functions that the script tag puts on `window.rrhog`. */
import { createClient, type RrHog } from "./client.ts";

export type { Options, RrHog } from "./client.ts";
export type { Status } from "./status.ts";

export const rrhog: RrHog = createClient(async (host) => (await import("./observe/observe.ts")).observe(host));
