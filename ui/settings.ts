/** What the console's server takes from its environment, read once. */
import { z } from "zod";

const Settings = z.object({
  /** Address to listen on. */
  UI_HOST: z.string().default("127.0.0.1"),
  /** Port to listen on; 0 takes a free one. */
  UI_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  /** Where this server reaches the read API. */
  API_URL: z.url().default("http://127.0.0.1:8788"),
  /** Where browsers reach the edge: it stands in the snippet, and its health is asked here. */
  EDGE_URL: z.url().default("http://127.0.0.1:8787"),
  /** Where this server reaches the worker's health page. Without it the health dot says nothing about the worker. */
  WORKER_URL: z.url().optional(),
  /** Where browsers reach the demo shop. Only the embedded stack has one. */
  DEMO_URL: z.url().optional(),
  /** "1" in the embedded stack: offers the demo owner's sign-in and the demo shop. */
  RRHOG_EMBEDDED: z.enum(["0", "1"]).default("0"),
});

export interface UiSettings {
  host: string;
  port: number;
  apiUrl: string;
  edgeUrl: string;
  workerUrl: string | null;
  demoUrl: string | null;
  embedded: boolean;
}

/** Never throws: answers the settings, or one line that names the variable to mend. */
export function readSettings(
  env: NodeJS.ProcessEnv,
): { ok: true; settings: UiSettings } | { ok: false; error: string } {
  const parsed = Settings.safeParse(env);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, error: `ui: ${issue?.path.join(".")}: ${issue?.message}` };
  }
  const { data } = parsed;
  return {
    ok: true,
    settings: {
      host: data.UI_HOST,
      port: data.UI_PORT,
      apiUrl: withoutSlash(data.API_URL),
      edgeUrl: withoutSlash(data.EDGE_URL),
      workerUrl: data.WORKER_URL ? withoutSlash(data.WORKER_URL) : null,
      demoUrl: data.DEMO_URL ? withoutSlash(data.DEMO_URL) : null,
      embedded: data.RRHOG_EMBEDDED === "1",
    },
  };
}

const withoutSlash = (url: string) => url.replace(/\/+$/, "");
