/** The edge's paths that a setting gives a second name: block lists match the usual ones, which stay. */
import * as z from "zod";

const USUAL = { INGEST_PATH: "/i", EVENTS_PATH: "/e", SCRIPT_PATH: "/rrhog.js" } as const;
type PathSetting = keyof typeof USUAL;
/** What the edge answers under one name alone. */
const FIXED = ["/config", "/healthz", "/metrics"];

function path(setting: PathSetting) {
  return z
    .string()
    .regex(/^(\/[\w.-]+)+$/, "must be a path such as /collect")
    .default(USUAL[setting]);
}

/**
 * Members of a settings' schema. Those of posthog-js (`/s/`, `/e/`, `/i/v0/e/`, `/batch/`, `/flags`, `/array/…`) are kept
 * free: some day they may be answered.
 */
export const EDGE_PATHS = {
  INGEST_PATH: path("INGEST_PATH"),
  EVENTS_PATH: path("EVENTS_PATH"),
  SCRIPT_PATH: path("SCRIPT_PATH"),
};

/** For a schema that has them: two routes of one path would be one of them. */
export function pathsAreApart(settings: Record<PathSetting, string>, context: z.RefinementCtx): void {
  const taken = new Set<string>([...Object.values(USUAL), ...FIXED]);
  for (const setting of Object.keys(USUAL) as PathSetting[]) {
    const path = settings[setting];
    if (path === USUAL[setting]) continue;
    if (taken.has(path)) {
      context.addIssue({ code: "custom", path: [setting], message: `${path} is the name of something else` });
    }
    taken.add(path);
  }
}
