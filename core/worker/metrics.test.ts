import { expect, it } from "vitest";
import { createMetrics, type StreamState } from "./metrics.ts";

async function scraped(state: StreamState | null) {
  let asked = 0;
  const { registry } = createMetrics(async () => {
    asked++;
    return state;
  });
  const text = await registry.metrics();
  const value = (name: string) => Number(new RegExp(`^rrhog_worker_${name} (\\S+)$`, "m").exec(text)?.[1]);
  return { value, asked };
}

it("tells the stream's state as it is at the scrape, by one question", async () => {
  const at = Date.now() - 90_000;
  const { value, asked } = await scraped({ lag: 7, bytes: 10, bytesMax: 100, oldestUnloadedAt: at });
  expect(asked).toBe(1);
  expect([value("lag_messages"), value("stream_bytes"), value("stream_bytes_max")]).toEqual([7, 10, 100]);
  expect(value("oldest_unloaded_seconds")).toBeGreaterThanOrEqual(90);
});

it("tells no number of a stream that nobody can ask, and no age where all is loaded", async () => {
  const away = await scraped(null);
  for (const name of ["lag_messages", "oldest_unloaded_seconds"]) expect(away.value(name)).toBeNaN();
  const { value } = await scraped({ lag: 0, bytes: 10, bytesMax: 100, oldestUnloadedAt: null });
  expect(value("oldest_unloaded_seconds")).toBe(0);
});
