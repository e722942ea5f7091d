/** A visitor who never stops: one small batch after another, each attempted once, with what the edge said to it. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, vi } from "vitest";
import { readEvents } from "#cli/read-back.ts";
import type { RunningStack } from "./running-stack.ts";

export interface Attempt {
  seq: number;
  /** 0 where no answer came. */
  status: number;
  /** `code` of the refusal. */
  code: string | null;
  retryAfter: string | null;
  event: string;
}

export interface Traffic {
  sessionId: string;
  attempts: Attempt[];
  /** Lets the post under way end. */
  stop(): Promise<Attempt[]>;
  /** Resolves when that many more attempts have been answered. */
  more(attempts: number): Promise<void>;
}

const PAUSE_MS = 20;

export function startTraffic({ addresses }: RunningStack): Traffic {
  const sessionId = randomUUID();
  const windowId = randomUUID();
  const attempts: Attempt[] = [];
  let stopped = false;
  const loop = async () => {
    for (let seq = 0; !stopped; seq++) {
      const event = JSON.stringify({ type: 5, timestamp: Date.now(), data: { tag: "traffic", payload: randomUUID() } });
      const head = JSON.stringify({ seq, session_id: sessionId, window_id: windowId }).slice(0, -1);
      attempts.push({ seq, event, ...(await post(`${addresses.edgeUrl}/i`, `${head},"events":[${event}]}`)) });
      await sleep(PAUSE_MS);
    }
  };
  const ended = loop();
  return {
    sessionId,
    attempts,
    async stop() {
      stopped = true;
      await ended;
      return attempts;
    },
    async more(wanted) {
      const enough = attempts.length + wanted;
      await vi.waitUntil(() => attempts.length >= enough, { timeout: 60_000 });
    },
  };
}

/** The promise itself: every 202 is in the answer exactly once, in order; what was refused is there at most once. */
export async function expectEachAcceptedOnce({ addresses }: RunningStack, { sessionId, attempts }: Traffic) {
  const accepted = attempts.filter(({ status }) => status === 202).map(({ event }) => event);
  const known = new Set(attempts.map(({ event }) => event));
  const read = () =>
    readEvents("ndjson", { apiUrl: addresses.apiUrl, readKey: "dev_read_123", projectId: 1, sessionId });
  const got = await vi.waitFor(
    async () => {
      const events = await read();
      const present = new Set(events);
      const missing = accepted.filter((event) => !present.has(event));
      if (missing.length > 0) throw new Error(`${missing.length} of ${accepted.length} are not there yet`);
      return events;
    },
    { timeout: 120_000, interval: 200 },
  );
  expect(new Set(got).size, "an event came twice").toBe(got.length);
  expect(got.filter((event) => !known.has(event))).toEqual([]);
  const sentOrder = attempts.map(({ event }) => event).filter((event) => got.includes(event));
  expect(got).toEqual(sentOrder);
}

async function post(url: string, body: string): Promise<Pick<Attempt, "status" | "code" | "retryAfter">> {
  try {
    const headers = { "content-type": "application/json", authorization: "Bearer dev_write_123" };
    const response = await fetch(url, { method: "POST", headers, body });
    const retryAfter = response.headers.get("retry-after");
    const answer = (await response.json()) as { code?: string };
    return { status: response.status, code: answer.code ?? null, retryAfter };
  } catch {
    return { status: 0, code: null, retryAfter: null };
  }
}
