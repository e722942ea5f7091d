import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "./engines/engine.ts";
import { assertPortsFree } from "./ports.ts";
import { readSettings, wantedPorts } from "./settings.ts";

describe("ports", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function squat(host: string): Promise<number> {
    const server = createServer().listen(0, host);
    servers.push(server);
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  it.each(["127.0.0.1", "0.0.0.0", "::"])(
    "taken on %s are reported with who has them and what moves ours",
    async (host) => {
      const port = await squat(host);
      const wanted = [{ part: "edge", variable: "EDGE_PORT" as const, port }];
      await expect(assertPortsFree(wanted)).rejects.toThrow(
        new RegExp(`^edge: port ${port} is taken by pid ${process.pid} \\(.+\\)\\. Stop it or set EDGE_PORT\\.$`),
      );
    },
  );

  it("that two parts want are reported before anything is tried", async () => {
    const port = await freePort();
    const wanted = [
      { part: "edge", variable: "EDGE_PORT" as const, port },
      { part: "api", variable: "API_PORT" as const, port },
    ];
    await expect(assertPortsFree(wanted)).rejects.toThrow(`api: port ${port} is edge's as well. Set API_PORT.`);
  });

  it("of an engine that runs elsewhere are not asked for", () => {
    const parts = wantedPorts(readSettings({ NATS_URL: "nats://worker:x@nats.internal:4222" })).map(({ part }) => part);
    expect(parts).not.toContain("nats");
    expect(parts).toContain("postgres");
  });
});

describe("settings", () => {
  it.each([
    [{ API_PORT: "http" }, "API_PORT: must be a port, 1 to 65535"],
    [{ API_PORT: "70000" }, "API_PORT: must be a port, 1 to 65535"],
    [{ POSTGRES_URL: "mysql://x" }, /^POSTGRES_URL: /],
  ])("%j is one line that names the variable", (env, line) => {
    expect(() => readSettings(env)).toThrow(line);
  });
});
