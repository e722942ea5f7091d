import { z } from "zod";

const Settings = z.object({
  /** Where the shop listens. Port 0 takes a free one. */
  DEMO_HOST: z.string().default("127.0.0.1"),
  DEMO_PORT: z.coerce.number().int().min(0).max(65_535).default(8790),
  /** Where the snippet comes from and recordings go to. */
  EDGE_URL: z.url().default("http://127.0.0.1:8787"),
  /** The console, for "watch yourself". */
  UI_URL: z.url().default("http://127.0.0.1:3000"),
  /** The write key of the demo project. */
  WRITE_KEY: z.string().min(1).default("dev_write_123"),
});
export type Settings = z.infer<typeof Settings>;

/** The settings from the environment; a wrong one ends the process with one line that names it. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const parsed = Settings.safeParse(environment);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  console.error(`demo: ${issue?.path.join(".")}: ${issue?.message}`);
  process.exit(1);
}
