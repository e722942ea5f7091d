/** A ClickHouse engine for one test file alone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startClickHouse } from "#stack/engines/clickhouse.ts";

export async function ownClickHouse(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-own-clickhouse-"));
  const engine = await startClickHouse({
    dataDir: join(folder, "clickhouse"),
    port: 0,
    logFile: join(folder, "clickhouse.log"),
  });
  return {
    url: engine.url,
    async stop() {
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
