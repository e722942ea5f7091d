/** How fast a full spool reaches the stream, against a plain publisher over the same WebSocket. */
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { wsconnect } from "@nats-io/nats-core";
import type { Figure } from "../figure.ts";
import { runLoad } from "./load.ts";
import { EDGE_USER } from "./rig.ts";
import { CONNECTIONS, type Setting } from "./setting.ts";

const BATCHES = 50_000;
const PLAIN_BATCHES = 10_000;
/** Publishes of the plain publisher under way at once: where more make it no faster. */
const PLAIN_AT_ONCE = 64;
const GOAL = 0.5;

export async function drainFigures({ rig, requests, progress }: Setting): Promise<Figure[]> {
  const edge = await rig.startEdge({ PUBLISH_BUDGET_MS: "5000" });
  const bodies = requests.framed;
  const plain = await plainPublisher(rig.nats.wsUrl, bodies);
  const manager = await jetstreamManager(rig.worker);
  const lastSeq = async () => (await manager.streams.info("EVENTS")).state.last_seq;
  const before = await lastSeq();
  await rig.nats.stop();
  let spooled = 0;
  while (spooled < BATCHES) {
    progress(`edge: drain, ${spooled} of ${BATCHES} batches spooled`);
    spooled += (await runLoad({ port: edge.port, connections: CONNECTIONS, requests: bodies, ms: 2_000 })).answers;
  }
  await rig.restartNats();
  const health = async () => {
    const answer = await fetch(`${edge.engine.url}/healthz`);
    const { relays } = (await answer.json()) as { relays: { spooled_batches: number }[] };
    return relays.reduce((sum, { spooled_batches }) => sum + spooled_batches, 0);
  };
  progress("edge: drain, waiting for its begin");
  let left = await health();
  while (left >= spooled) {
    await sleep(20);
    left = await health();
  }
  const first = left;
  const began = performance.now();
  while (left > 0) {
    progress(`edge: drain, ${left} batches left`);
    await sleep(100);
    left = await health();
  }
  const perSecond = (first / (performance.now() - began)) * 1_000;
  await rig.worker.flush();
  const messages = (await lastSeq()) - before;
  return [
    {
      bench: "edge.drain",
      ratio: perSecond / plain,
      goal: GOAL,
      better: "higher",
      detail:
        `${Math.round(perSecond)} batches a second out of a spool of ${spooled}, ${(spooled / messages).toFixed(0)} a message, ` +
        `against ${Math.round(plain)} by Node with ${PLAIN_AT_ONCE} publishes under way`,
    },
  ];

  async function plainPublisher(url: string, bodies: readonly Buffer[]): Promise<number> {
    progress("edge: drain, the plain publisher");
    const nats = await wsconnect({ servers: url, ...EDGE_USER });
    const client = jetstream(nats);
    let next = 0;
    const began = performance.now();
    const publish = async () => {
      while (next < PLAIN_BATCHES) await client.publish("events.rrweb", bodies[next++ % bodies.length] as Buffer);
    };
    await Promise.all(Array.from({ length: PLAIN_AT_ONCE }, publish));
    const perSecond = (PLAIN_BATCHES / (performance.now() - began)) * 1_000;
    await nats.close();
    return perSecond;
  }
}
