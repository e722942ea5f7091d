import { environmentContext } from "../environment.ts";
import type { PartHealth } from "../frame/health.ts";
import type { Route } from "./+types/system-health";

const DEADLINE_MS = 2_000;

/** GET: asks each part's `/healthz` now. Always a 200; the parts' own answers are in it. */
export async function loader({ context, request }: Route.LoaderArgs): Promise<{ parts: PartHealth[] }> {
  const { edgeUrl, apiUrl, workerUrl } = context.get(environmentContext).settings;
  const parts: [PartHealth["part"], string | null][] = [
    ["edge", edgeUrl],
    ["API", apiUrl],
    ["worker", workerUrl],
  ];
  const known = parts.flatMap(([part, url]) => (url ? [{ part, url }] : []));
  return { parts: await Promise.all(known.map(({ part, url }) => ask(part, url, request.signal))) };
}

async function ask(part: PartHealth["part"], url: string, signal: AbortSignal): Promise<PartHealth> {
  const begun = performance.now();
  const took = () => Math.round(performance.now() - begun);
  try {
    const response = await fetch(`${url}/healthz`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    });
    const text = response.ok ? "" : `answered ${response.status}`;
    await response.body?.cancel();
    return { part, status: response.ok ? "ok" : "degraded", says: text, tookMs: took() };
  } catch {
    return { part, status: "down", says: "does not answer", tookMs: took() };
  }
}
