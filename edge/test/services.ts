/**
 * What the edge stands between, started once for all its tests, outside workerd: a real nats-server with the stream, and a
 * small core. Tests steer both over HTTP, since they run inside workerd and can start no process.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { TestProject } from "vitest/node";
import { freePort } from "#stack/engines/engine.ts";
import { type NatsEngine, startNats } from "#stack/engines/nats.ts";
import { findNatsServer } from "#stack/engines/nats-binary.ts";
import { freeze, thaw } from "../../test/support/processes.ts";
import { TestCore } from "./core.ts";
import { Link } from "./link.ts";
import { SteeringRequest } from "./steering.ts";

const SECRETS = { EDGE_SECRET: "edge-secret", NATS_PASSWORD: "edge-password" };
/** Long, since a busy machine is no outage. */
const PATIENCE = { CORE_TIMEOUT_MS: "10000", PUBLISH_BUDGET_MS: "5000" };
const WORKER_PASSWORD = "worker-password";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "rrhog-edge-"));
  const options = {
    binary: (await findNatsServer()).path,
    storeDir: join(folder, "store"),
    port: await freePort(),
    wsPort: await freePort(),
    httpPort: await freePort(),
    edgePassword: SECRETS.NATS_PASSWORD,
    workerPassword: WORKER_PASSWORD,
    logFile: join(folder, "nats.log"),
  };
  let nats: NatsEngine = await startNats(options);
  await makeStream(nats.url);
  const link = new Link(new URL(nats.wsUrl));
  const linkUrl = await link.listen();
  const core = new TestCore(SECRETS.EDGE_SECRET);
  const coreUrl = await core.listen();

  const actions = {
    async nats(action: "kill" | "start" | "freeze" | "thaw") {
      if (action === "start") nats = await startNats(options);
      if (action === "freeze") {
        await freeze([nats.pid]);
      }
      if (action === "thaw") thaw([nats.pid]);
      if (action === "kill") {
        process.kill(nats.pid, "SIGKILL");
        await nats.exited;
      }
    },
  };
  const steering = createServer(async (request, response) => {
    try {
      const wish = SteeringRequest.parse(JSON.parse(await readText(request)));
      if (wish.nats) await actions.nats(wish.nats);
      if (wish.pubAckDelayMs !== undefined) link.pubAckDelayMs = wish.pubAckDelayMs;
      if (wish.cutAfter !== undefined) link.cutAfter(wish.cutAfter);
      if (wish.core) core.mode = wish.core;
      if (wish.key) core.setKey(wish.key.name, wish.key.project);
      if (wish.begun) core.begun.add(wish.begun);
      response.end(JSON.stringify({ asked: core.asked }));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => steering.listen(0, "127.0.0.1", resolve));

  project.provide("edgeBindings", {
    ...SECRETS,
    CORE_URL: coreUrl,
    NATS_WS_URL: linkUrl,
    ...PATIENCE,
  });
  project.provide("steering", {
    url: `http://127.0.0.1:${(steering.address() as AddressInfo).port}`,
    natsWsUrl: nats.wsUrl,
    workerPassword: WORKER_PASSWORD,
  });
  return async () => {
    steering.close();
    core.close();
    link.close();
    await nats.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function makeStream(url: string): Promise<void> {
  const options = { servers: url, user: "worker", pass: WORKER_PASSWORD, inboxPrefix: "_INBOX_worker" };
  const connection = await connect(options);
  const config = JSON.parse(await readFile(new URL("../../infra/nats/stream.json", import.meta.url), "utf8"));
  await (await jetstreamManager(connection)).streams.add(config);
  await connection.close();
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
