/** What the tests share inside workerd: the edge as a client sees it, and what lies around it. */

import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { jetstreamManager } from "@nats-io/jetstream";
import { wsconnect } from "@nats-io/nats-core";
import { inject } from "vitest";
import type { EdgeProject } from "#protocol/edge-project.ts";
import type { Envelope } from "#protocol/envelope.ts";
import { decodeMessage, encodeHead, encodeMessage, type Frame, type StreamedBatch } from "#protocol/message.ts";
import type { PublishRequest } from "../relay/interface.ts";
import { SteeringAnswer, type SteeringRequest } from "./steering.ts";

const steering = inject("steering");

/** For what comes soon, on a machine that does much else. */
export const SOON = { timeout: 45_000, interval: 50 };

export const EVENTS = [
  { type: 4, timestamp: 1_700_000_000_000, data: { href: "https://shop.example/", width: 800, height: 600 } },
  { type: 3, timestamp: 1_700_000_000_100, data: { source: 1, positions: [] } },
];

export const SESSION = "0195a000-0000-7000-8000-000000000001";

export function batch(members: Record<string, unknown> = {}): string {
  return JSON.stringify({ seq: 0, session_id: SESSION, events: EVENTS, ...members });
}

/** An envelope as admission writes it. */
export function envelopeOf(members: Partial<Envelope> = {}): Envelope {
  return {
    v: 1,
    project_id: 1,
    session_id: SESSION,
    window_id: "",
    seq: 0,
    batch_id: "0195a000-0000-4000-8000-00000000000b",
    received_at: 1_700_000_000_000,
    durable: "stream",
    format: "json",
    encoding: "identity",
    events_offset: 10,
    events_length: 2,
    ...members,
  };
}

/** A batch as it goes into a message. */
export function frameOf({ envelope, body }: StreamedBatch): Frame {
  return { head: encodeHead(envelope, body.byteLength), body };
}

/** What a Worker asks of a relay for these batches. */
export function requestOf(batches: readonly StreamedBatch[], members: Partial<PublishRequest> = {}): PublishRequest {
  return {
    v: 3,
    subject: "events.rrweb",
    project_id: 1,
    requests_per_second: null,
    bytes_per_second: null,
    message: encodeMessage(batches),
    laid_at: "nowhere",
    ...members,
  };
}

/** Runs in a Durable Object of its own, made for this: with real storage, and a relay that nobody else talks to. */
export function inFreshObject<T>(run: (state: DurableObjectState) => Promise<T> | T): Promise<T> {
  const stub = env.RELAY.getByName(`relay:any:xx:test-${crypto.randomUUID()}`);
  return runInDurableObject(stub, (_, state) => run(state));
}

/** Sends a batch with a key that may write, unless told otherwise. */
export function post(body: BodyInit | null, init: { headers?: Record<string, string>; query?: string } = {}) {
  const headers = {
    "Content-Type": "application/json",
    ...(init.query ? {} : { "X-Write-Key": KEY }),
    ...init.headers,
  };
  return exports.default.fetch(`https://edge.example/i${init.query ?? ""}`, { method: "POST", body, headers });
}

export function get(path: string, init: RequestInit = {}) {
  return exports.default.fetch(`https://edge.example${path}`, init);
}

export async function steer(wish: SteeringRequest): Promise<{ asked: number }> {
  const response = await fetch(steering.url, { method: "POST", body: JSON.stringify(wish) });
  if (!response.ok) throw new Error(await response.text());
  return SteeringAnswer.parse(await response.json());
}

/** Known to the core in every test file, may write to project 1 from everywhere. */
export const KEY = "write_key_of_project_1";

export const PROJECT: EdgeProject = {
  v: 1,
  project_id: 1,
  key_kind: "write",
  allowed_origins: [],
  jurisdiction: "any",
  retention_days: 90,
  requests_per_second: null,
  bytes_per_second: null,
  sample_rate: 1,
  recorder: {},
  quota_used_up: null,
};

export async function giveKey(name: string, project: Partial<EdgeProject> = {}): Promise<string> {
  await steer({ key: { name, project: { ...PROJECT, ...project } } });
  return name;
}

/** Reads the stream as the worker does: by its own user, straight from the server. */
export async function openStream() {
  const nats = await wsconnect({
    servers: steering.natsWsUrl,
    user: "worker",
    pass: steering.workerPassword,
    inboxPrefix: "_INBOX_worker",
    reconnect: false,
  });
  const manager = await jetstreamManager(nats);
  return {
    manager,
    close: () => nats.close(),
    lastSeq: async () => (await manager.streams.info("EVENTS")).state.last_seq,
    /** The batches of all messages after `seq`. */
    async batchesAfter(seq: number): Promise<StreamedBatch[]> {
      const last = (await manager.streams.info("EVENTS")).state.last_seq;
      const batches: StreamedBatch[] = [];
      for (let at = seq + 1; at <= last; at++) {
        const stored = await manager.streams.getMessage("EVENTS", { seq: at });
        // Another file may have purged it.
        if (!stored) continue;
        const message = decodeMessage(stored.data);
        if (!message.ok) throw new Error(message.reason);
        for (const decoded of message.batches) {
          if (!decoded.ok) throw new Error(decoded.reason);
          batches.push(decoded);
        }
      }
      return batches;
    },
  };
}
